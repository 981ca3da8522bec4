/** What is drawn on the map for the state of the hand: shapes, corners to take hold of, marks of what is caught or wrong. */
import type { Editor } from "./editor";
import { distance, type Corner, type Plane } from "./plane";
import type { Problem } from "./problems";
import type { Role, Shown } from "./mode";
import { corners, edges, geometryOf, type Sketch } from "./sketch";
import type { Hold } from "./snap";

/** Corners that get a handle at the same time; more would only cover each other. */
const MOST_HANDLES = 600;

export interface Look {
  editor: Editor;
  hold: Hold | null;
  /** Where the next corner would go, with the way to it. */
  ahead: { way: readonly Corner[]; to: Corner } | null;
  /** A table that is looked at before it is taken. */
  table: Sketch | null;
  parallel: readonly Corner[] | null;
  problems: readonly Problem[];
  isShared: (spot: Corner) => boolean;
  /** What is in sight, and how many metres a pixel is. */
  inSight: (spot: Corner) => boolean;
  metresPerPixel: number;
  plane: Plane | null;
}

const pair = (spot: Corner): [number, number] => [spot[0], spot[1]];
const point = (role: Role, spot: Corner): Shown => ({ role, geometry: { type: "Point", coordinates: pair(spot) } });
const line = (role: Role, path: readonly Corner[]): Shown => ({ role, geometry: { type: "LineString", coordinates: path.map(pair) } });

/** A geometry in single parts, as Terra Draw keeps them. */
function singles(geometry: GeoJSON.Geometry | null, area: Role, path: Role, spot: Role): Shown[] {
  switch (geometry?.type) {
    case "Point": return [{ role: spot, geometry }];
    case "LineString": return [{ role: path, geometry }];
    case "Polygon": return [{ role: area, geometry }];
    case "MultiPoint": return geometry.coordinates.map((coordinates) => ({ role: spot, geometry: { type: "Point", coordinates } }));
    case "MultiLineString": return geometry.coordinates.map((coordinates) => ({ role: path, geometry: { type: "LineString", coordinates } }));
    case "MultiPolygon": return geometry.coordinates.map((coordinates) => ({ role: area, geometry: { type: "Polygon", coordinates } }));
    default: return [];
  }
}

export function frameOf({ editor, hold, ahead, table, parallel, problems, isShared, inSight, metresPerPixel, plane }: Look): Shown[] {
  const shown: Shown[] = [...singles(geometryOf(editor.sketch), "area", "line", "corner")];
  if (table) shown.push(...singles(geometryOf(table), "table", "table", "table"));
  if (parallel && parallel.length > 1) shown.push(line("parallel", parallel));
  const { open, chosen } = editor;
  if (open) {
    if (open.path.length > 1) shown.push(line("begun", open.path));
    for (const spot of open.path) shown.push(point("corner", spot));
  }
  if (ahead && open) {
    const last = open.path[open.path.length - 1]!, path = [last, ...ahead.way, ahead.to];
    shown.push(line("ahead", editor.kind === "polygon" && open.path.length > 1 ? [...path, open.path[0]!] : path));
  }
  if (!open && editor.tool === "edit") {
    let handles = 0;
    if (plane) for (const [, a, b] of edges(editor.sketch)) {
      if (handles++ > MOST_HANDLES) break;
      if (distance(plane.to(a), plane.to(b)) / metresPerPixel > 44) shown.push(point("middle", [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]));
    }
    handles = 0;
    for (const [address, spot] of corners(editor.sketch)) {
      const isChosen = chosen && chosen.part === address.part && chosen.path === address.path && chosen.corner === address.corner;
      if (!isChosen && (!inSight(spot) || handles++ > MOST_HANDLES)) continue;
      shown.push(point(isChosen ? "chosen" : isShared(spot) ? "shared" : "corner", spot));
    }
  }
  for (const { place } of problems.slice(0, 40)) if (place) shown.push(point("problem", place));
  if (hold) shown.push(point(`hold-${hold.kind}`, hold.corner));
  return shown;
}
