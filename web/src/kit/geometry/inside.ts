type Ring = readonly (readonly number[])[];

/** Twice the signed area of a ring. */
function area(ring: Ring): number {
  return ring.reduce((sum, [x = 0, y = 0], i) => {
    const [nextX = 0, nextY = 0] = ring[(i + 1) % ring.length] ?? [];
    return sum + x * nextY - nextX * y;
  }, 0);
}

/** Where the rings of one area cross the line on which coordinate `across` is `at`: the other coordinate, rising. */
function crossings(rings: readonly Ring[], across: 0 | 1, at: number): number[] {
  const along = across === 0 ? 1 : 0;
  return rings.flatMap((ring) => ring.flatMap((from, i) => {
    const to = ring[(i + 1) % ring.length] ?? from;
    const start = from[across] ?? 0, end = to[across] ?? 0, first = from[along] ?? 0;
    return start > at === end > at ? [] : [first + ((at - start) / (end - start)) * ((to[along] ?? 0) - first)];
  })).sort((a, b) => a - b);
}

export interface Spot { at: [lon: number, lat: number]; /** Of the part it lies in, in square degrees: to compare parts. */ area: number }

/** At these shares of an area's height it is cut for a spot, the middle first. */
const CUTS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/**
 * A spot for a label inside the largest part of an area, holes left out: of several horizontal cuts the middle of the one with most
 * room to all sides, those near the middle preferred. `null` for what is no area.
 */
export function spotInside(geometry: GeoJSON.Geometry): Spot | null {
  const parts: Ring[][] = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  const sizes = parts.map((part) => Math.abs(area(part[0] ?? [])) / 2);
  const size = Math.max(...sizes), largest = parts[sizes.indexOf(size)];
  const heights = largest?.[0]?.map(([, y = 0]) => y) ?? [];
  if (!largest || heights.length < 3) return null;
  const low = Math.min(...heights), high = Math.max(...heights);
  let best: { at: [number, number]; worth: number } | null = null;
  for (const share of CUTS) {
    const y = low + share * (high - low), cuts = crossings(largest, 1, y);
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const west = cuts[i] ?? 0, east = cuts[i + 1] ?? 0, x = (west + east) / 2;
      const around = crossings(largest, 0, x);
      const above = around.find((one) => one > y) ?? y, below = around.findLast((one) => one <= y) ?? y;
      const worth = Math.min(east - west, 2 * (above - y), 2 * (y - below)) * (1 - 0.3 * Math.abs(share - 0.5));
      if (!best || worth > best.worth) best = { at: [x, y], worth };
    }
  }
  return best && { at: best.at, area: size };
}
