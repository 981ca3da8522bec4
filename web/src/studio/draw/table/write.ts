/** The corner table of a sketch: numbered corners, X (north) and Y (east) to the millimetre, and the edge to the next. */
import { edgesOf } from "../measure";
import { millimetres, type Plane } from "../plane";
import type { Sketch } from "../sketch";

export interface WrittenRow { number: string; north: number; east: number; edge: number | null; bearing: number | null }
export interface WrittenRing { part: number; hole: number; rows: WrittenRow[] }

export function tableOf(sketch: Sketch, plane: Plane): WrittenRing[] {
  if (sketch.kind === "point") {
    const rows = sketch.parts.flat(2).map((corner, i) => {
      const [east, north] = plane.to(corner);
      return { number: String(i + 1), north: millimetres(north), east: millimetres(east), edge: null, bearing: null };
    });
    return rows.length > 0 ? [{ part: 0, hole: 0, rows }] : [];
  }
  return sketch.parts.flatMap((part, p) => part.map((path, h) => {
    const edges = edgesOf(path, sketch.kind === "polygon", plane);
    const rows = path.map((corner, i) => {
      const [east, north] = plane.to(corner);
      const edge = edges[i];
      return { number: String(i + 1), north: millimetres(north), east: millimetres(east), edge: edge ? millimetres(edge.length) : null, bearing: edge?.bearing ?? null };
    });
    return { part: p, hole: h, rows };
  }));
}

export interface TableWords { corner: string; north: string; east: string; edge: string; part: string; hole: string }

/** Tab-separated text, which sheets and [`readTable`](./read.ts) take; with a heading for each part and hole where there are several. */
export function asTsv(rings: readonly WrittenRing[], words: TableWords, decimal: "," | "."): string {
  const say = (value: number | null) => (value === null ? "" : value.toFixed(3).replace(".", decimal));
  const lines = [[words.corner, words.north, words.east, words.edge].join("\t")];
  for (const { part, hole, rows } of rings) {
    if (rings.length > 1) lines.push(hole > 0 ? `${words.part} ${part + 1}, ${words.hole} ${hole}` : `${words.part} ${part + 1}`);
    for (const row of rows) lines.push([row.number, say(row.north), say(row.east), say(row.edge)].join("\t"));
  }
  return lines.join("\n");
}
