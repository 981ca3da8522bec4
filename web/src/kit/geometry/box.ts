export type Box = [west: number, south: number, east: number, north: number];

type Position = readonly number[];

function* positions(geometry: GeoJSON.Geometry): Generator<Position> {
  if (geometry.type === "GeometryCollection") {
    for (const part of geometry.geometries) yield* positions(part);
    return;
  }
  const walk = function* (value: unknown): Generator<Position> {
    if (!Array.isArray(value)) return;
    if (typeof value[0] === "number") yield value as Position;
    else for (const part of value) yield* walk(part);
  };
  yield* walk(geometry.coordinates);
}

/** The smallest lon/lat box around shapes; `null` around nothing. */
export function boxOf(geometries: readonly GeoJSON.Geometry[]): Box | null {
  let box: Box | null = null;
  for (const geometry of geometries) {
    for (const [lon, lat] of positions(geometry)) {
      if (lon === undefined || lat === undefined) continue;
      box = box
        ? [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)]
        : [lon, lat, lon, lat];
    }
  }
  return box;
}
