type Ring = readonly (readonly number[])[];

/** Metres of a degree of latitude, near enough for a distance across a plot. */
const METRES_A_DEGREE = 111_195;

/**
 * Metres (WGS 84, by a plane at the spot) from a spot (lon/lat, degrees) to the nearest edge of an area, whether the spot lies inside or
 * outside; `null` for what is no area.
 */
export function metresToEdge(lon: number, lat: number, geometry: GeoJSON.Geometry): number | null {
  const rings: Ring[] = geometry.type === "Polygon" ? geometry.coordinates : geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
  const east = METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180);
  let nearest: number | null = null;
  for (const ring of rings) {
    const plane = ring.map(([x = 0, y = 0]) => [(x - lon) * east, (y - lat) * METRES_A_DEGREE] as const);
    for (const [i, [x, y]] of plane.entries()) {
      const [toX, toY] = plane[(i + 1) % plane.length] ?? [x, y];
      const dx = toX - x, dy = toY - y, length = dx * dx + dy * dy;
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, -(x * dx + y * dy) / length));
      const distance = Math.hypot(x + along * dx, y + along * dy);
      if (nearest === null || distance < nearest) nearest = distance;
    }
  }
  return nearest;
}

/** A circle of so many metres around a spot, as an area in lon/lat. */
export function circleAround(lon: number, lat: number, metres: number): GeoJSON.Polygon {
  const north = metres / METRES_A_DEGREE, east = north / Math.max(0.01, Math.cos((lat * Math.PI) / 180));
  const ring = Array.from({ length: 65 }, (_, i) => {
    const turn = ((i % 64) / 64) * 2 * Math.PI;
    return [lon + east * Math.cos(turn), lat + north * Math.sin(turn)];
  });
  return { type: "Polygon", coordinates: [ring] };
}
