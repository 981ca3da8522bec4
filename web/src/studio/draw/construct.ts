/** Right angles and parallels, in metres. */
import { at, bearing, distance, type Metres } from "./plane";

/**
 * The pointer brought onto a right angle: the next edge stands square on, or goes on straight from, the one before; the
 * first edge follows the grid's axes.
 */
export function squared(pointer: Metres, last: Metres, before: Metres | null): Metres {
  const base = before ? bearing(before, last) : 0;
  const turned = bearing(last, pointer) - base;
  const square = base + Math.round(turned / 90) * 90;
  const reach = distance(last, pointer) * Math.cos(((bearing(last, pointer) - square) * Math.PI) / 180);
  return at(last, reach, square);
}

/**
 * The corner from which a ring closes at right angles: on the square line from the last corner, where the way back stands
 * square on the first edge. Null where there is no such corner within `reach` of the pointer.
 */
export function squareClose(pointer: Metres, path: readonly Metres[], reach: number): Metres | null {
  const first = path[0], second = path[1], last = path[path.length - 1];
  if (path.length < 3 || !first || !second || !last) return null;
  const ahead = squared(pointer, last, path[path.length - 2]!);
  if (distance(ahead, last) < 1e-6) return null;
  const met = meet({ from: last, to: ahead }, { from: first, to: at(first, 1, bearing(first, second) + 90) });
  return met && distance(met, pointer) <= reach ? met : null;
}

/** Corners farther out than so many times the offset are cut off. */
const MITRE = 4;

interface Line { from: Metres; to: Metres }

/** Where two endless lines meet; null when they are parallel to a hundred-thousandth. */
function meet(one: Line, other: Line): Metres | null {
  const rx = one.to[0] - one.from[0], ry = one.to[1] - one.from[1], sx = other.to[0] - other.from[0], sy = other.to[1] - other.from[1];
  const cross = rx * sy - ry * sx;
  if (Math.abs(cross) < 1e-5 * Math.hypot(rx, ry) * Math.hypot(sx, sy)) return null;
  const t = ((other.from[0] - one.from[0]) * sy - (other.from[1] - one.from[1]) * sx) / cross;
  return [one.from[0] + t * rx, one.from[1] + t * ry];
}

/** The parallel of a path at so many metres: to its right when positive, seen from its first corner. */
export function parallel(path: readonly Metres[], metres: number, isRing: boolean): Metres[] {
  const spots = path.filter((spot, i) => i === 0 || distance(spot, path[i - 1]!) > 1e-6);
  const count = isRing ? spots.length : spots.length - 1;
  if (count < 1) return [];
  const lines = Array.from({ length: count }, (_, i): Line => {
    const from = spots[i]!, to = spots[(i + 1) % spots.length]!;
    const right = bearing(from, to) + 90;
    return { from: at(from, metres, right), to: at(to, metres, right) };
  });
  const joint = (one: Line, other: Line, corner: Metres): Metres[] => {
    const met = meet(one, other);
    if (!met) return [other.from];
    return distance(met, corner) > MITRE * Math.abs(metres) ? [one.to, other.from] : [met];
  };
  if (isRing) return lines.flatMap((line, i) => joint(lines[(i + count - 1) % count]!, line, spots[i]!));
  const inner = lines.slice(1).flatMap((line, i) => joint(lines[i]!, line, spots[i + 1]!));
  return [lines[0]!.from, ...inner, lines[count - 1]!.to];
}

/** Whether a spot lies to the right of a path, by the segment nearest to it. */
export function isRightOf(spot: Metres, path: readonly Metres[], isRing: boolean): boolean {
  let best = Infinity, right = true;
  const count = isRing ? path.length : path.length - 1;
  for (let i = 0; i < count; i++) {
    const a = path[i]!, b = path[(i + 1) % path.length]!;
    const dx = b[0] - a[0], dy = b[1] - a[1], squaredLength = dx * dx + dy * dy || 1;
    const share = Math.min(1, Math.max(0, ((spot[0] - a[0]) * dx + (spot[1] - a[1]) * dy) / squaredLength));
    const away = Math.hypot(spot[0] - a[0] - share * dx, spot[1] - a[1] - share * dy);
    if (away >= best) continue;
    best = away;
    right = dx * (spot[1] - a[1]) - dy * (spot[0] - a[0]) < 0;
  }
  return right;
}
