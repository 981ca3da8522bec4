import type { Question } from "../api/client";
import type { Lang } from "../format/format";

/** Everything that a link to this page says: where one looks, at what, with which layers, in which language. */
export interface Permalink {
  view: { zoom: number; lat: number; lon: number } | null;
  selection: Question | null;
  /** Where the selected plot lies: the plot may have gone when the link is opened, its place has not. */
  near: { lon: number; lat: number } | null;
  /** Layers switched on that are off at first, and off that are on at first. */
  on: string[];
  off: string[];
  lang: Lang | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LAYER = /^[a-z][a-z0-9_]{0,47}$/;

const finite = (text: string | undefined, low: number, high: number): number | null => {
  if (text === undefined || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= low && value <= high ? value : null;
};

function readView(text: string): Permalink["view"] {
  const [zoom, lat, lon] = text.split("/");
  const view = { zoom: finite(zoom, 0, 24), lat: finite(lat, -85.06, 85.06), lon: finite(lon, -180, 180) };
  return view.zoom === null || view.lat === null || view.lon === null
    ? null
    : { zoom: view.zoom, lat: view.lat, lon: view.lon };
}

function readAt(entries: URLSearchParams): Permalink["near"] {
  const [lat, lon] = (entries.get("at") ?? "").split(",");
  const at = { lat: finite(lat, -90, 90), lon: finite(lon, -180, 180) };
  return at.lat === null || at.lon === null ? null : { lon: at.lon, lat: at.lat };
}

function readSelection(entries: URLSearchParams): Pick<Permalink, "selection" | "near"> {
  const parcel = entries.get("parcel"), at = readAt(entries);
  if (parcel !== null && UUID.test(parcel)) return { selection: { kind: "parcel", id: parcel.toLowerCase() }, near: at };
  return { selection: at && { kind: "point", ...at }, near: null };
}

const names = (text: string | null): string[] => (text ?? "").split(",").filter((name) => LAYER.test(name));

/** Reads `#zoom/lat/lon&parcel=…&at=lat,lon&on=…&off=…&lang=…`; what it does not understand is left out. */
export function readPermalink(hash: string): Permalink {
  const [first = "", ...rest] = hash.replace(/^#/, "").split("&");
  const view = readView(first);
  const entries = new URLSearchParams(view ? rest.join("&") : [first, ...rest].join("&"));
  const lang = entries.get("lang");
  return {
    view,
    ...readSelection(entries),
    on: names(entries.get("on")),
    off: names(entries.get("off")),
    lang: lang === "vi" || lang === "en" ? lang : null,
  };
}

/** The link with the language that stands before the hash (`/?lang=en`), where the hash itself says none. */
export function readLink({ hash, search }: { hash: string; search: string }): Permalink {
  const link = readPermalink(hash);
  const lang = new URLSearchParams(search).get("lang");
  return link.lang === null && (lang === "vi" || lang === "en") ? { ...link, lang } : link;
}

/** The shortest hash that reads back as the same link. Places are kept to about ten centimetres. */
export function writePermalink(link: Permalink): string {
  const parts: string[] = [];
  if (link.view) parts.push(`${link.view.zoom.toFixed(2)}/${link.view.lat.toFixed(6)}/${link.view.lon.toFixed(6)}`);
  if (link.selection?.kind === "parcel") parts.push(`parcel=${link.selection.id}`);
  const at = link.selection?.kind === "point" ? link.selection : link.selection && link.near;
  if (at) parts.push(`at=${at.lat.toFixed(6)},${at.lon.toFixed(6)}`);
  if (link.on.length > 0) parts.push(`on=${link.on.join(",")}`);
  if (link.off.length > 0) parts.push(`off=${link.off.join(",")}`);
  if (link.lang) parts.push(`lang=${link.lang}`);
  return parts.length > 0 ? `#${parts.join("&")}` : "";
}
