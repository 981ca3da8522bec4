type Ring = readonly (readonly number[])[];

/** Twice the signed area of a ring. */
function area(ring: Ring): number {
  return ring.reduce((sum, [x = 0, y = 0], i) => {
    const [nextX = 0, nextY = 0] = ring[(i + 1) % ring.length] ?? [];
    return sum + x * nextY - nextX * y;
  }, 0);
}

/** Where the rings of one area cross the horizontal line at `y`, from west to east. */
function crossings(rings: readonly Ring[], y: number): number[] {
  return rings.flatMap((ring) => ring.flatMap(([x = 0, yHere = 0], i) => {
    const [nextX = 0, nextY = 0] = ring[(i + 1) % ring.length] ?? [];
    return yHere > y === nextY > y ? [] : [x + ((y - yHere) / (nextY - yHere)) * (nextX - x)];
  })).sort((a, b) => a - b);
}

/**
 * A spot for a label inside the largest part of an area, holes left out: the middle of the widest of several horizontal cuts, those nearer
 * to the middle preferred. `null` for what is no area.
 */
export function insideOf(geometry: GeoJSON.Geometry): [lon: number, lat: number] | null {
  const parts: Ring[][] = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  const largest = parts.reduce<Ring[] | null>((best, part) => (best && Math.abs(area(best[0] ?? [])) >= Math.abs(area(part[0] ?? [])) ? best : part), null);
  const heights = largest?.[0]?.map(([, y = 0]) => y) ?? [];
  if (!largest || heights.length < 3) return null;
  const low = Math.min(...heights), high = Math.max(...heights);
  let best: { at: [number, number]; worth: number } | null = null;
  for (const share of [0.5, 0.42, 0.58, 0.34, 0.66, 0.25, 0.75]) {
    const y = low + share * (high - low), cuts = crossings(largest, y);
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const west = cuts[i] ?? 0, east = cuts[i + 1] ?? 0, worth = (east - west) * (1 - Math.abs(share - 0.5));
      if (!best || worth > best.worth) best = { at: [(west + east) / 2, y], worth };
    }
  }
  return best?.at ?? null;
}
