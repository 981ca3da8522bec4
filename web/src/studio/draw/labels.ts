/** Lengths beside the edges that are drawn, as a layer of the map's own. */
import type { GeoJSONSource, Map as LibraryMap } from "maplibre-gl";
import { number, type Lang } from "../../kit/format/format";
import type { Editor } from "./editor";
import { distance, type Corner, type Plane } from "./plane";
import { edges } from "./sketch";

const SOURCE = "draw-labels";
export interface Label { text: string; at: readonly [number, number]; turned: number }

export function showLabels(map: LibraryMap, labels: readonly Label[]): void {
  const data: GeoJSON.FeatureCollection = {
    type: "FeatureCollection",
    features: labels.map(({ text, at, turned }) => ({ type: "Feature", properties: { text, turned }, geometry: { type: "Point", coordinates: [at[0], at[1]] } })),
  };
  const source = map.getSource<GeoJSONSource>(SOURCE);
  if (source) {
    source.setData(data);
    return;
  }
  if (labels.length === 0) return;
  map.addSource(SOURCE, { type: "geojson", data });
  map.addLayer({
    id: SOURCE, type: "symbol", source: SOURCE,
    layout: { "text-font": ["Be Vietnam Pro Medium"], "text-size": 12, "text-field": ["get", "text"], "text-rotate": ["get", "turned"], "text-offset": [0, -0.9], "text-allow-overlap": true, "text-ignore-placement": true },
    paint: { "text-color": "#1F2A30", "text-halo-color": "#FBFAF7", "text-halo-width": 2 },
  });
}

export function removeLabels(map: LibraryMap): void {
  if (map.getLayer(SOURCE)) map.removeLayer(SOURCE);
  if (map.getSource(SOURCE)) map.removeSource(SOURCE);
}

interface Seen {
  editor: Editor;
  plane: Plane;
  lang: Lang;
  project: (spot: Corner) => readonly [x: number, y: number];
  inSight: (spot: Corner) => boolean;
  /** The corner that would come next, when the way to it is straight. */
  ahead: Corner | null;
}

/** Edges that are shorter on the screen have no room for a number. */
const LEAST_PIXELS = 34;
const MOST = 200;

/** The length of every edge in sight, and of the one that is being drawn. */
export function labelsOf({ editor, plane, lang, project, inSight, ahead }: Seen): Label[] {
  const found: Label[] = [];
  const add = (a: Corner, b: Corner): void => {
    const from = project(a), to = project(b);
    if (found.length > MOST || Math.hypot(from[0] - to[0], from[1] - to[1]) < LEAST_PIXELS || (!inSight(a) && !inSight(b))) return;
    const turned = turnAlong({ x: from[0], y: from[1] }, { x: to[0], y: to[1] });
    found.push({ text: `${number(distance(plane.to(a), plane.to(b)), lang, 2)} m`, at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], turned });
  };
  for (const [, a, b] of edges(editor.sketch)) add(a, b);
  const path = editor.open?.path ?? [], last = path[path.length - 1];
  path.slice(1).forEach((spot, i) => add(path[i]!, spot));
  if (last && ahead) add(last, ahead);
  return found;
}

/** The turn that lets a text run along an edge without standing on its head; screen pixels, degrees clockwise. */
export function turnAlong(a: { x: number; y: number }, b: { x: number; y: number }): number {
  const turned = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
  return turned > 90 ? turned - 180 : turned < -90 ? turned + 180 : turned;
}
