/** A corner table that was read becomes a sketch in its zone; what does not fit is said. */
import { fromGrid, ZONES } from "../../../kit/geometry/vn2000";
import { distance } from "../plane";
import type { Path, Sketch } from "../sketch";
import type { CornerTableRead, TableCorner } from "./read";

type Bounds = readonly [west: number, south: number, east: number, north: number];

/** A stated length that the corners do not have. */
export interface EdgeDiffers { line: number; number: string; stated: number; computed: number }

export interface TablePlaced {
  sketch: Sketch | null;
  edges: EdgeDiffers[];
  /** Metres fall outside the place; `fits` names zones in which they would lie inside. */
  outside: { fits: number[] } | null;
}

const within = ([lon, lat]: readonly [number, number], [west, south, east, north]: Bounds) => lon >= west && lon <= east && lat >= south && lat <= north;

/** A stated length may differ by what its own rounding hides, and a centimetre more. */
function edgesThatDiffer(corners: readonly TableCorner[], isRing: boolean): EdgeDiffers[] {
  return corners.flatMap((corner, i) => {
    const next = corners[i + 1] ?? (isRing ? corners[0] : undefined);
    if (!corner.edge || !next) return [];
    const computed = distance([corner.east, corner.north], [next.east, next.north]);
    const tolerance = 0.01 + 0.5 * 10 ** -corner.edge.decimals;
    return Math.abs(computed - corner.edge.metres) > tolerance ? [{ line: corner.line, number: corner.number ?? String(i + 1), stated: corner.edge.metres, computed }] : [];
  });
}

function sketchIn(read: CornerTableRead, srid: number, kind: Sketch["kind"]): Sketch {
  const parts: Path[][] = [];
  const numbers = [...new Set(read.rings.map((ring) => ring.part))];
  for (const ring of read.rings) {
    const path = ring.corners.map((corner) => fromGrid(corner.north, corner.east, srid) ?? ([0, 0] as const));
    const at = numbers.indexOf(ring.part);
    (parts[at] ??= []).push(path);
  }
  if (kind === "point") return { kind, parts: parts.flat(2).map((corner) => [[corner]]) };
  if (kind === "line") return { kind, parts: parts.flat().map((path) => [path]) };
  return { kind, parts };
}

/** Lays the corners into a zone; corners outside `bounds` are said, with the zones in which they would be inside. */
export function placeTable(read: CornerTableRead, srid: number, kind: Sketch["kind"], bounds: Bounds | null): TablePlaced {
  if (read.rings.length === 0) return { sketch: null, edges: [], outside: null };
  const edges = kind === "point" ? [] : read.rings.flatMap((ring) => edgesThatDiffer(ring.corners, kind === "polygon"));
  const sketch = sketchIn(read, srid, kind);
  const inside = (zone: number) => bounds === null || sketchIn(read, zone, kind).parts.flat(2).every((corner) => within(corner, bounds));
  const outside = inside(srid) ? null : { fits: ZONES.filter((zone) => zone !== srid && inside(zone)) };
  return { sketch, edges, outside };
}
