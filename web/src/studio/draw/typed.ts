/** What somebody types for the next corner: a length with a bearing, metres of the zone, or degrees. */
import { isEast, isNorth, readings } from "./table/numbers";

export type Typed =
  /** A length, and a bearing clockwise from grid north; null keeps the pointer's direction. */
  | { kind: "polar"; length: number; bearing: number | null }
  | { kind: "grid"; north: number; east: number; swapped: boolean }
  | { kind: "degrees"; lon: number; lat: number; swapped: boolean }
  | { kind: "unclear" };

const unclear: Typed = { kind: "unclear" };
const isLat = (value: number) => value > 7 && value < 24.5;
const isLon = (value: number) => value > 101 && value < 118;

/** `90`, `90°`, `90°30'15"`, `90 30 15`: degrees. */
function degreesIn(text: string): number | null {
  const match = /^\s*(-?\d+(?:[.,]\d+)?)\s*(?:[°đdo ]\s*(?:(\d+(?:[.,]\d+)?)\s*['′’ ]?\s*(?:(\d+(?:[.,]\d+)?)\s*(?:["″”]|'')?)?)?)?\s*$/u.exec(text);
  if (!match) return null;
  const [whole, minutes, seconds] = match.slice(1).map((part) => Number((part ?? "0").replace(",", ".")));
  if (minutes! >= 60 || seconds! >= 60) return null;
  return whole! + minutes! / 60 + seconds! / 3600;
}

/** `10°46'06.25"N 106°41'36.9"E`, in either order. */
function compass(text: string): Typed | null {
  const one = /(\d+(?:[.,]\d+)?)\s*°\s*(?:(\d+(?:[.,]\d+)?)\s*['′’]\s*)?(?:(\d+(?:[.,]\d+)?)\s*(?:["″”]|'')\s*)?([NBEĐ])/giu;
  let lat: number | null = null, lon: number | null = null;
  for (const [, whole, minutes, seconds, side] of text.matchAll(one)) {
    const number = (part: string | undefined) => Number((part ?? "0").replace(",", "."));
    const value = number(whole) + number(minutes) / 60 + number(seconds) / 3600;
    if (/[NB]/i.test(side!)) lat = value;
    else lon = value;
  }
  return lat !== null && lon !== null ? { kind: "degrees", lon, lat, swapped: false } : null;
}

/** Two numbers of a text; a comma parts them where it is followed by a space or stands between two points. */
function pair(text: string): [string, string] | null {
  const bare = text.trim().replace(/[a-zđ]+\s*[:=]?\s*/giu, " ").trim();
  for (const between of [/\s*[;|\t]\s*/, /,\s+/, /\s+/]) {
    const halves = bare.split(between).filter(Boolean);
    if (halves.length === 2) return [halves[0]!, halves[1]!];
  }
  const points = /^(-?[\d]+\.\d+),(-?\d+\.\d+)$/.exec(bare);
  return points ? [points[1]!, points[2]!] : null;
}

function spotIn(text: string): Typed | null {
  const halves = pair(text);
  if (!halves) return null;
  const [first, second] = halves.map(readings) as [number[], number[]];
  const pick = (values: number[], is: (value: number) => boolean) => values.find(is);
  const [north, east] = [pick(first, isNorth), pick(second, isEast)], [eastFirst, northSecond] = [pick(first, isEast), pick(second, isNorth)];
  // A letter before the number says what it is.
  if (north !== undefined && east !== undefined) return { kind: "grid", north, east, swapped: false };
  if (eastFirst !== undefined && northSecond !== undefined) return { kind: "grid", north: northSecond, east: eastFirst, swapped: !/^\s*[ye]/i.test(text) };
  const exact = halves.every((half) => /[.,]\d{3}/.test(half));
  const [lat, lon] = [pick(first, isLat), pick(second, isLon)], [lonFirst, latSecond] = [pick(first, isLon), pick(second, isLat)];
  if (exact && lat !== undefined && lon !== undefined) return { kind: "degrees", lon, lat, swapped: false };
  if (exact && lonFirst !== undefined && latSecond !== undefined) return { kind: "degrees", lon: lonFirst, lat: latSecond, swapped: true };
  return null;
}

/** Reads what was typed: `12,5 m, 90°`, `@12.5<90`, `12,5`, `1191000,123 603000,456`, `10.768403, 106.693584`. */
export function readTyped(text: string): Typed {
  const bare = text.trim();
  if (bare === "") return unclear;
  const spot = compass(bare) ?? spotIn(bare);
  if (spot) return spot;
  const [first, ...rest] = bare.replace(/^@/, "").split(/\s*[;<]\s*|,\s+|\s+m?\s*,?\s*(?=\d)|(?<=m)\s*,?\s*(?=\d)/i);
  const length = readings((first ?? "").replace(/m\s*$/i, ""))[0];
  if (length === undefined || length <= 0 || length > 100_000) return unclear;
  const turn = rest.join(" ").trim();
  if (turn === "") return { kind: "polar", length, bearing: null };
  const bearing = degreesIn(turn);
  return bearing === null || bearing < -360 || bearing > 360 ? unclear : { kind: "polar", length, bearing: (bearing + 360) % 360 };
}
