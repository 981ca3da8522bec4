import type { StyleSpecification } from "maplibre-gl";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Place } from "../kit/api/types";
import type { Lang } from "../kit/format/format";
import type { CityMap, View } from "../kit/map/adapter";
import type { Permalink } from "../kit/url/permalink";

export type MapState =
  | { kind: "loading" }
  | { kind: "ready"; map: CityMap; style: StyleSpecification }
  | { kind: "failed" };

interface Props {
  link: Permalink;
  /** How often the reader changed the address by hand: each time the map goes where it says. */
  arrivals: number;
  lang: Lang;
  place: Place | null;
  /** The catalog has answered or failed: the map knows where to begin. */
  ready: boolean;
  state: MapState;
  onState: (state: MapState) => void;
  onAsk: (lon: number, lat: number) => void;
  onMove: (view: View) => void;
}

/** What may lie over the map. */
const COVERS = [".searchbar", ".controls .button", ".sheet", ".legend", ".edge > *", ".notices > *"].map((one) => `.app ${one}`).join(", ");

async function styleOf(): Promise<StyleSpecification> {
  const response = await fetch("/styles/city.json");
  if (!response.ok) throw new Error(`the style answered ${response.status}`);
  return (await response.json()) as StyleSpecification;
}

/** Begun with the page, so that map code and style travel while the rest is drawn. */
const parts = { adapter: import("../kit/map/adapter"), style: styleOf() };
parts.adapter.catch(() => undefined);
parts.style.catch(() => undefined);

export function MapView({ link, arrivals, lang, place, ready, state, onState, onAsk, onMove }: Props) {
  const { t } = useTranslation();
  const container = useRef<HTMLDivElement>(null);
  const latest = useRef({ onAsk, onMove });
  useEffect(() => {
    latest.current = { onAsk, onMove };
  });

  useEffect(() => {
    if (!ready) return;
    let map: CityMap | null = null;
    let gone = false;
    void (async () => {
      try {
        const [{ CityMap }, style] = await Promise.all([parts.adapter, parts.style]);
        if (gone || !container.current) return;
        const start = link.view ?? (place ? { lon: place.centre[0], lat: place.centre[1], zoom: place.zoom } : null);
        const created = new CityMap(container.current, {
          style, lang, view: start, bounds: null, label: t("map.label"), covers: () => document.querySelectorAll(COVERS),
          listener: {
            asked: (lon, lat) => latest.current.onAsk(lon, lat),
            moved: (view) => latest.current.onMove(view),
            ready: () => onState({ kind: "ready", map: created, style }),
          },
        });
        map = created;
        (window as { dothiMap?: CityMap }).dothiMap = created;
      } catch {
        if (!gone) onState({ kind: "failed" });
      }
    })();
    return () => {
      gone = true;
      map?.remove();
    };
    // The map is made once; what changes later reaches it through its own methods.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ready]);

  // The page says on `.app` which sheet is open; sheets take a moment to arrive.
  useEffect(() => {
    const app = container.current?.closest(".app");
    if (state.kind !== "ready" || !app) return;
    const moved = () => state.map.keepNamesClear();
    const states = new MutationObserver(moved);
    states.observe(app, { attributes: true });
    app.addEventListener("transitionend", moved);
    return () => {
      states.disconnect();
      app.removeEventListener("transitionend", moved);
    };
  }, [state]);

  useEffect(() => {
    if (arrivals === 0 || state.kind !== "ready" || !link.view) return;
    state.map.goTo(link.view, { top: 0, right: 0, bottom: 0, left: 0 });
    // The link also changes as the map moves; only a link that arrived moves the map.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [arrivals]);

  return (
    <div className="map-room">
      <div ref={container} className="map" />
      {state.kind === "loading" && <p className="map-word" role="status">{t("map.loading")}</p>}
      {state.kind === "failed" && <p className="map-word failed" role="alert">{t("map.failed")}</p>}
    </div>
  );
}
