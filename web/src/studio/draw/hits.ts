/** What of the shape lies under the pointer. */
import { distance, settled, type Corner, type Plane } from "./plane";
import { corners, edges, type Address, type Sketch } from "./sketch";

/** The nearest corner within `reach` metres. */
export function cornerUnder(sketch: Sketch, spot: Corner, plane: Plane, reach: number): Address | null {
  const here = plane.to(spot);
  let best: { address: Address; away: number } | null = null;
  for (const [address, one] of corners(sketch)) {
    if (Math.abs(one[1] - spot[1]) * 110_000 > reach * 2) continue;
    const away = distance(here, plane.to(one));
    if (away <= reach && (!best || away < best.away)) best = { address, away };
  }
  return best?.address ?? null;
}

/** The middle of an edge within `reach`, as the corner that it would become; edges shorter than `least` have none. */
export function middleUnder(sketch: Sketch, spot: Corner, plane: Plane, reach: number, least: number): { address: Address; spot: Corner } | null {
  const here = plane.to(spot);
  for (const [address, a, b] of edges(sketch)) {
    const middle: Corner = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    if (Math.abs(middle[1] - spot[1]) * 110_000 > reach * 2) continue;
    const isLong = distance(plane.to(a), plane.to(b)) > least;
    if (isLong && distance(here, plane.to(middle)) <= reach) return { address: { ...address, corner: address.corner + 1 }, spot: settled(middle, plane) };
  }
  return null;
}
