/** Areas, lengths and bearings of a sketch in the metres of its plane. */
import { bearing, distance, type Metres, type Plane } from "./plane";
import type { Path, Sketch } from "./sketch";

/** Twice the signed area is summed from the first corner, so that large coordinates cost no digits. */
export function ringArea(ring: readonly Metres[]): number {
  const first = ring[0];
  if (!first) return 0;
  let twice = 0;
  for (let i = 1; i + 1 < ring.length; i++) {
    const [ax, ay] = ring[i]!, [bx, by] = ring[i + 1]!;
    twice += (ax - first[0]) * (by - first[1]) - (bx - first[0]) * (ay - first[1]);
  }
  return twice / 2;
}

/** Planar area in m², holes taken out; in a VN-2000 zone this is the legal one. */
export function areaOf(sketch: Sketch, plane: Plane): number {
  if (sketch.kind !== "polygon") return 0;
  let sum = 0;
  for (const part of sketch.parts) {
    for (const [i, path] of part.entries()) {
      const area = Math.abs(ringArea(path.map(plane.to)));
      sum += i === 0 ? area : -area;
    }
  }
  return sum;
}

export interface Edge { length: number; bearing: number }

/** One edge after each corner; the last closes a ring, and a line has none there. */
export function edgesOf(path: Path, isRing: boolean, plane: Plane): Edge[] {
  const metres = path.map(plane.to);
  return metres.flatMap((spot, i) => {
    const next = metres[i + 1] ?? (isRing && metres.length > 2 ? metres[0] : undefined);
    return next ? [{ length: distance(spot, next), bearing: bearing(spot, next) }] : [];
  });
}

/** Length of lines, or around areas with their holes, in metres. */
export function lengthOf(sketch: Sketch, plane: Plane): number {
  if (sketch.kind === "point") return 0;
  return sketch.parts.flat().flatMap((path) => edgesOf(path, sketch.kind === "polygon", plane)).reduce((sum, edge) => sum + edge.length, 0);
}

/** Degrees as surveyors write them: `90°00′00″`. */
export function asDms(degrees: number): string {
  const seconds = Math.round(degrees * 3600) % (360 * 3600);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}°${two(Math.floor((seconds % 3600) / 60))}′${two(seconds % 60)}″`;
}
