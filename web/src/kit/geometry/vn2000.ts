/**
 * VN-2000 TM-3 zones in the browser, to the millimetre in both directions.
 * Datum shift pinned to EPSG:6960 (QĐ 05/2007/QĐ-BTNMT, position-vector signs), as in PostGIS and Rust.
 */
import { forward, inverse } from "./transverse";

const CENTRAL_MERIDIAN: Readonly<Record<number, number>> = {
  5896: 102, 9205: 103, 9206: 104, 9207: 104.5, 9208: 104.75, 5897: 105, 9209: 105.5, 9210: 105.75, 9211: 106,
  9212: 106.25, 9213: 106.5, 9214: 107, 9215: 107.25, 9216: 107.5, 5899: 107.75, 5898: 108, 9217: 108.25, 9218: 108.5,
};

const A = 6378137, F = 1 / 298.257223563, E2 = F * (2 - F), K0 = 0.9999, FALSE_EAST = 500_000;
const SHIFT = { x: -191.90441429, y: -39.30318279, z: -111.45032835 };
const SECOND = Math.PI / 180 / 3600;
const TURN = { x: 0.00928836 * SECOND, y: -0.01975479 * SECOND, z: 0.00427372 * SECOND };
const SCALE = 1 + 0.252906278e-6;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

export interface GridPoint { north: number; east: number }
interface Place { lon: number; lat: number }

/** Every zone, from west to east. */
export const ZONES: readonly number[] = Object.keys(CENTRAL_MERIDIAN).map(Number).sort((a, b) => CENTRAL_MERIDIAN[a]! - CENTRAL_MERIDIAN[b]!);

/** The central meridian of a zone by its EPSG code, in degrees. */
export const centralMeridian = (srid: number | null): number | null => (srid === null ? null : (CENTRAL_MERIDIAN[srid] ?? null));

/** Name of a zone as people write it: `VN-2000 / TM-3 105°45′`. */
export function zoneName(srid: number): string {
  const meridian = CENTRAL_MERIDIAN[srid];
  if (meridian === undefined) return `EPSG:${srid}`;
  const whole = Math.floor(meridian);
  return `VN-2000 / TM-3 ${whole}°${String(Math.round((meridian - whole) * 60)).padStart(2, "0")}′`;
}

/** Earth-centred metres of a place on the ellipsoid; radians. */
function centred({ lon, lat }: Place): [number, number, number] {
  const n = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
  return [n * Math.cos(lat) * Math.cos(lon), n * Math.cos(lat) * Math.sin(lon), n * (1 - E2) * Math.sin(lat)];
}

/** The place on the ellipsoid below earth-centred metres; radians. */
function below(x: number, y: number, z: number): Place {
  const p = Math.hypot(x, y);
  let lat = Math.atan2(z, p * (1 - E2));
  for (let i = 0; i < 5; i++) {
    const n = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
    lat = Math.atan2(z + E2 * n * Math.sin(lat), p);
  }
  return { lon: Math.atan2(y, x), lat };
}

function toVn2000(place: Place): Place {
  const [x, y, z] = centred(place);
  const u = (x - SHIFT.x) / SCALE, v = (y - SHIFT.y) / SCALE, w = (z - SHIFT.z) / SCALE;
  return below(u + TURN.z * v - TURN.y * w, v - TURN.z * u + TURN.x * w, w + TURN.y * u - TURN.x * v);
}

function toWgs84(place: Place): Place {
  const [x, y, z] = centred(place);
  return below(
    SHIFT.x + SCALE * (x - TURN.z * y + TURN.y * z),
    SHIFT.y + SCALE * (y + TURN.z * x - TURN.x * z),
    SHIFT.z + SCALE * (z - TURN.y * x + TURN.x * y),
  );
}

function projected(lon: number, lat: number, meridian: number): GridPoint {
  const place = toVn2000({ lon: radians(lon), lat: radians(lat) });
  const { x, y } = forward(place.lon - radians(meridian), place.lat);
  return { north: K0 * y, east: FALSE_EAST + K0 * x };
}

/** Northing (X) and easting (Y) in metres of a zone as WGS 84 lon/lat in degrees; `null` where the code is no TM-3 zone. */
export function fromGrid(north: number, east: number, srid: number): [lon: number, lat: number] | null {
  const meridian = CENTRAL_MERIDIAN[srid];
  if (meridian === undefined) return null;
  const { fromMeridian, latitude } = inverse((east - FALSE_EAST) / K0, north / K0);
  const place = toWgs84({ lon: fromMeridian + radians(meridian), lat: latitude });
  return [degrees(place.lon), degrees(place.lat)];
}

/**
 * WGS 84 lon/lat in degrees as northing (X) and easting (Y) in metres of a zone; `null` where the code is no TM-3 zone.
 *
 * It is the exact inverse of [`fromGrid`]. Going back by the formulas alone is not: the height between the two ellipsoids
 * is dropped both times, which is 25 m and 0.8 mm in Hà Nội. The metres are the legal truth, so they must come back.
 */
export function toGrid(lon: number, lat: number, srid: number): GridPoint | null {
  const meridian = CENTRAL_MERIDIAN[srid];
  if (meridian === undefined) return null;
  const wanted = projected(lon, lat, meridian);
  let point = wanted;
  for (let i = 0; i < 2; i++) {
    const [lonBack, latBack] = fromGrid(point.north, point.east, srid)!;
    const back = projected(lonBack, latBack, meridian);
    point = { north: point.north + wanted.north - back.north, east: point.east + wanted.east - back.east };
  }
  return point;
}
