/**
 * The metres in which a sketch is measured and constructed: the legal zone of its layer, or, where there is none, a plane
 * that touches the ellipsoid beside it.
 */
import { fromGrid, toGrid } from "../../kit/geometry/vn2000";

/** WGS 84 degrees. */
export type Corner = readonly [lon: number, lat: number];
/** Metres; easting first, as in a change set. */
export type Metres = readonly [east: number, north: number];

export interface Plane {
  /** The VN-2000 zone; null for the plane beside the sketch. */
  srid: number | null;
  to(corner: Corner): Metres;
  from(metres: Metres): Corner;
}

const A = 6378137, F = 1 / 298.257223563, E2 = F * (2 - F);

/** Metres east and north of a place, on the ellipsoid: right to a millimetre within a kilometre. */
function beside([lon0, lat0]: Corner): Plane {
  const phi = (lat0 * Math.PI) / 180, w = Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
  const east = ((A / w) * Math.cos(phi) * Math.PI) / 180, north = ((A * (1 - E2)) / w ** 3) * (Math.PI / 180);
  return {
    srid: null,
    to: ([lon, lat]) => [(lon - lon0) * east, (lat - lat0) * north],
    from: ([x, y]) => [lon0 + x / east, lat0 + y / north],
  };
}

export function planeOf(srid: number | null, near: Corner): Plane {
  if (srid === null || toGrid(near[0], near[1], srid) === null) return beside(near);
  return {
    srid,
    to: ([lon, lat]) => {
      const point = toGrid(lon, lat, srid)!;
      return [point.east, point.north];
    },
    from: ([east, north]) => fromGrid(north, east, srid)!,
  };
}

export const millimetres = (metres: number): number => Math.round(metres * 1000) / 1000;

/** The corner on the whole millimetre of its zone: what is placed by hand lies where a table can say it. */
export function settled(corner: Corner, plane: Plane): Corner {
  if (plane.srid === null) return corner;
  const [east, north] = plane.to(corner);
  return plane.from([millimetres(east), millimetres(north)]);
}

/** Metres as they are sent: the whole millimetre where the corner lies on one, else all that is known. */
export function legal(corner: Corner, plane: Plane): Metres {
  const exact = plane.to(corner);
  const whole: Metres = [millimetres(exact[0]), millimetres(exact[1])];
  const near = Math.hypot(exact[0] - whole[0], exact[1] - whole[1]) < 2e-5;
  return near ? whole : exact;
}

export const distance = (a: Metres, b: Metres): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** Degrees clockwise from grid north, 0 to 360. */
export function bearing(from: Metres, to: Metres): number {
  const turned = (Math.atan2(to[0] - from[0], to[1] - from[1]) * 180) / Math.PI;
  return turned < 0 ? turned + 360 : turned;
}

/** The point at a length and a bearing from another. */
export function at(from: Metres, length: number, degrees: number): Metres {
  const turned = (degrees * Math.PI) / 180;
  return [from[0] + length * Math.sin(turned), from[1] + length * Math.cos(turned)];
}

/** The foot of a point on a line's segment, with its share of the way. */
export function foot(point: Metres, a: Metres, b: Metres): { at: Metres; share: number } {
  const dx = b[0] - a[0], dy = b[1] - a[1], squared = dx * dx + dy * dy;
  const share = squared === 0 ? 0 : Math.min(1, Math.max(0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / squared));
  return { at: [a[0] + share * dx, a[1] + share * dy], share };
}

/** Where two segments cross in one point; null where they do not or lie on each other. */
export function crossing(a: Metres, b: Metres, c: Metres, d: Metres): Metres | null {
  const rx = b[0] - a[0], ry = b[1] - a[1], sx = d[0] - c[0], sy = d[1] - c[1];
  const cross = rx * sy - ry * sx;
  if (cross === 0) return null;
  const t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / cross, u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / cross;
  return t < 0 || t > 1 || u < 0 || u > 1 ? null : [a[0] + t * rx, a[1] + t * ry];
}
