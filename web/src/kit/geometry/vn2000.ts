/**
 * VN-2000 TM-3 zones in the browser: for the grid of a printed sheet, not for legal areas.
 * Datum shift pinned to EPSG:6960 (QĐ 05/2007/QĐ-BTNMT, position-vector signs).
 */
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

export interface GridPoint { north: number; east: number }

/** The central meridian of a zone by its EPSG code, in degrees. */
export const centralMeridian = (srid: number | null): number | null => (srid === null ? null : (CENTRAL_MERIDIAN[srid] ?? null));

/** Name of a zone as people write it: `VN-2000 / TM-3 105°45′`. */
export function zoneName(srid: number): string {
  const meridian = CENTRAL_MERIDIAN[srid];
  if (meridian === undefined) return `EPSG:${srid}`;
  const degrees = Math.floor(meridian);
  return `VN-2000 / TM-3 ${degrees}°${String(Math.round((meridian - degrees) * 60)).padStart(2, "0")}′`;
}

/** From WGS 84 lon/lat to the ellipsoid of VN-2000 (same shape, moved and turned), in radians. */
function toVn2000(lon: number, lat: number): { lon: number; lat: number } {
  const phi = radians(lat), lambda = radians(lon), n = A / Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const x = n * Math.cos(phi) * Math.cos(lambda) - SHIFT.x;
  const y = n * Math.cos(phi) * Math.sin(lambda) - SHIFT.y;
  const z = n * (1 - E2) * Math.sin(phi) - SHIFT.z;
  const u = (x + TURN.z * y - TURN.y * z) / SCALE;
  const v = (y - TURN.z * x + TURN.x * z) / SCALE;
  const w = (z + TURN.y * x - TURN.x * y) / SCALE;
  const p = Math.hypot(u, v);
  let latitude = Math.atan2(w, p * (1 - E2));
  for (let i = 0; i < 5; i++) {
    const m = A / Math.sqrt(1 - E2 * Math.sin(latitude) ** 2);
    latitude = Math.atan2(w + E2 * m * Math.sin(latitude), p);
  }
  return { lon: Math.atan2(v, u), lat: latitude };
}

/** Arc of the meridian from the equator, in metres. */
function meridianArc(phi: number): number {
  const e4 = E2 * E2, e6 = e4 * E2;
  return A * (
    (1 - E2 / 4 - (3 * e4) / 64 - (5 * e6) / 256) * phi -
    ((3 * E2) / 8 + (3 * e4) / 32 + (45 * e6) / 1024) * Math.sin(2 * phi) +
    ((15 * e4) / 256 + (45 * e6) / 1024) * Math.sin(4 * phi) -
    ((35 * e6) / 3072) * Math.sin(6 * phi)
  );
}

/**
 * WGS 84 lon/lat in degrees as northing (X) and easting (Y) in metres of a zone; `null` where the code is no TM-3 zone.
 * Transverse Mercator by Snyder's series (USGS PP 1395, eq. 8-9, 8-10), well under a millimetre within a zone.
 */
export function toGrid(lon: number, lat: number, srid: number): GridPoint | null {
  const meridian = CENTRAL_MERIDIAN[srid];
  if (meridian === undefined) return null;
  const { lon: lambda, lat: phi } = toVn2000(lon, lat);
  const second = E2 / (1 - E2), n = A / Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const t = Math.tan(phi) ** 2, c = second * Math.cos(phi) ** 2, a = (lambda - radians(meridian)) * Math.cos(phi);
  const east = FALSE_EAST + K0 * n * (a + ((1 - t + c) * a ** 3) / 6 + ((5 - 18 * t + t * t + 72 * c - 58 * second) * a ** 5) / 120);
  const north = K0 * (meridianArc(phi) + n * Math.tan(phi) * (a ** 2 / 2 + ((5 - t + 9 * c + 4 * c * c) * a ** 4) / 24 + ((61 - 58 * t + t * t + 600 * c - 330 * second) * a ** 6) / 720));
  return { north, east };
}
