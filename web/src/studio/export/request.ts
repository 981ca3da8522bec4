import { Problem, problemFrom } from "../../kit/api/client";
import type { Said } from "../../kit/api/types";
import { type Asked, Refusal, SIGNED_OUT } from "../api";

/** Files that the server writes, in the zone in which the place measures. */
export const FORMATS = ["gpkg", "shp", "dxf", "geojson"] as const;
export type Format = (typeof FORMATS)[number];

/** What a layer of this shape can be written as. */
export function formatsOf(geometry: string | null): Format[] {
  if (!geometry || geometry === "none") return FORMATS.filter((format) => format !== "dxf");
  // A Shapefile holds one kind of shape.
  return geometry === "any" ? FORMATS.filter((format) => format !== "shp") : [...FORMATS];
}

/** The order that a page sends: the selected objects, else the rows as they are filtered. */
export function orderOf(format: Format, chosen: string[], asked: Asked, purpose: string | null): object {
  const rows = chosen.length > 0 ? { ids: chosen } : {
    ...(asked.q?.trim() ? { q: asked.q.trim().normalize("NFC") } : {}),
    ...(asked.filter?.length ? { filter: asked.filter } : {}),
    ...(asked.sort ? { sort: asked.sort } : {}),
  };
  return { format, ...rows, ...(purpose === null ? {} : { private: true, purpose }) };
}

export interface Written { name: string; rows: number; blob: Blob }

/** The file's name as the server gave it. */
export function nameIn(disposition: string | null): string | null {
  return /filename="([^"]+)"/.exec(disposition ?? "")?.[1] ?? null;
}

/** Has the server write a file. */
export async function write(layer: string, order: object): Promise<Written> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/layers/${encodeURIComponent(layer)}/export`, {
      method: "POST", headers: { "content-type": "application/json", "dothi-request": "1" }, body: JSON.stringify(order),
    });
  } catch {
    throw new Problem("unreachable", 0, null, null);
  }
  if (!response.ok) {
    const said = (await response.json().catch(() => null)) as (Record<string, unknown> & { titles?: Said }) | null;
    if (response.status === 401) dispatchEvent(new Event(SIGNED_OUT));
    throw new Refusal(problemFrom(response.status, said ? { ...said, title: said.titles ?? (said["title"] as string) } : null), said ?? {});
  }
  const blob = await response.blob();
  return { name: nameIn(response.headers.get("content-disposition")) ?? layer, rows: Number(response.headers.get("dothi-rows")), blob };
}
