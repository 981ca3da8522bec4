/** What is wrong with a sketch, each thing at its place; the server refuses the same things with the same limits. */
import { areaOf, lengthOf, ringArea } from "./measure";
import { bearing, crossing, distance, type Corner, type Metres, type Plane } from "./plane";
import { isInside, type Sketch } from "./sketch";

export type Rule = "crossing" | "touches" | "duplicate" | "spike" | "small" | "few" | "hole_outside" | "holes_overlap" | "parts_overlap" | "outside" | "none";

export interface Problem {
  rule: Rule;
  effect: "refuse" | "warn";
  /** Where to look; null when it is about the whole. */
  place: Corner | null;
  values: Readonly<Record<string, number>>;
}

/** Corners nearer than this are one and the same. */
export const SAME = 0.001;
/** The server's least area in m² and length in m. */
const LEAST = 0.01;
/** Edges that turn back by less than this many degrees make a spike. */
const SPIKE = 1;

interface Side { part: number; path: number; index: number; count: number; a: Metres; b: Metres }

function* sides(sketch: Sketch, plane: Plane): Generator<Side> {
  for (const [part, paths] of sketch.parts.entries()) {
    for (const [path, spots] of paths.entries()) {
      const metres = spots.map(plane.to);
      const count = sketch.kind === "polygon" ? metres.length : metres.length - 1;
      for (let index = 0; index < count; index++) {
        const b = metres[(index + 1) % metres.length]!;
        yield { part, path, index, count, a: metres[index]!, b };
      }
    }
  }
}

const problem = (rule: Rule, effect: Problem["effect"], place: Corner | null, values: Problem["values"] = {}): Problem => ({ rule, effect, place, values });

/** Neighbouring edges share a corner; that is no crossing. */
function areNeighbours(one: Side, other: Side, isRing: boolean): boolean {
  if (one.part !== other.part || one.path !== other.path) return false;
  const apart = Math.abs(one.index - other.index);
  return apart === 1 || (isRing && apart === one.count - 1);
}

/** Where edges cross or lie on each other: swept from west to east, so that only edges side by side are compared. */
function crossings(sketch: Sketch, plane: Plane): Problem[] {
  const isRing = sketch.kind === "polygon";
  const west = (side: Side) => Math.min(side.a[0], side.b[0]), east = (side: Side) => Math.max(side.a[0], side.b[0]);
  const sorted = [...sides(sketch, plane)].filter((side) => distance(side.a, side.b) >= SAME).sort((one, other) => west(one) - west(other));
  const found: Problem[] = [];
  let active: Side[] = [];
  for (const side of sorted) {
    active = active.filter((other) => east(other) >= west(side));
    for (const other of active) {
      if (areNeighbours(side, other, isRing)) continue;
      if (!isRing && (side.part !== other.part || side.path !== other.path)) continue;
      const met = meeting(side, other);
      if (!met) continue;
      const samePath = side.part === other.part && side.path === other.path;
      if (met.atEnd && !samePath) continue;
      const rule = met.atEnd ? "touches" : "crossing";
      // A line may cross itself; an area may not.
      found.push(problem(rule, isRing ? "refuse" : "warn", plane.from(met.at)));
    }
    active.push(side);
  }
  return apartFromEachOther(found, plane);
}

function meeting(one: Side, other: Side): { at: Metres; atEnd: boolean } | null {
  for (const end of [one.a, one.b]) {
    for (const otherEnd of [other.a, other.b]) if (distance(end, otherEnd) < SAME) return { at: end, atEnd: true };
  }
  const at = crossing(one.a, one.b, other.a, other.b);
  return at && { at, atEnd: false };
}

/** A corner that two edges touch is told once. */
function apartFromEachOther(found: Problem[], plane: Plane): Problem[] {
  const seen: { rule: Rule; at: Metres }[] = [];
  return found.filter(({ rule, place }) => {
    const at = plane.to(place!);
    if (seen.some((one) => one.rule === rule && distance(one.at, at) < 2 * SAME)) return false;
    seen.push({ rule, at });
    return true;
  });
}

function alongPaths(sketch: Sketch, plane: Plane): Problem[] {
  const found: Problem[] = [];
  const isRing = sketch.kind === "polygon";
  for (const path of sketch.parts.flat()) {
    const metres = path.map(plane.to);
    for (const [i, spot] of metres.entries()) {
      const before = metres[i - 1] ?? (isRing ? metres[metres.length - 1] : undefined);
      const after = metres[i + 1] ?? (isRing ? metres[0] : undefined);
      if (after && metres.length > 1 && distance(spot, after) < SAME) found.push(problem("duplicate", "refuse", path[i]!));
      if (!before || !after || distance(before, spot) < SAME || distance(spot, after) < SAME) continue;
      const turn = Math.abs(((bearing(spot, before) - bearing(spot, after) + 540) % 360) - 180);
      if (turn < SPIKE) found.push(problem("spike", "warn", path[i]!, { degrees: turn }));
    }
  }
  return found;
}

function holesAndParts(sketch: Sketch, plane: Plane): Problem[] {
  const found: Problem[] = [];
  const parts = sketch.parts.map((part) => part.map((path) => path.map(plane.to)));
  for (const [i, part] of parts.entries()) {
    const [ring, ...holes] = part;
    if (!ring) continue;
    for (const [h, hole] of holes.entries()) {
      const middle = inner(hole);
      if (!middle) continue;
      if (!isInside(middle, ring)) found.push(problem("hole_outside", "refuse", plane.from(middle)));
      if (holes.some((other, o) => o !== h && isInside(middle, other))) found.push(problem("holes_overlap", "refuse", plane.from(middle)));
    }
    const middle = inner(ring);
    const covered = middle && parts.some((other, o) => o !== i && other[0] && isInside(middle, other[0]) && !other.slice(1).some((hole) => isInside(middle, hole)));
    if (covered) found.push(problem("parts_overlap", "refuse", plane.from(middle)));
  }
  return found;
}

/** A spot inside a ring: the middle of the widest stretch of a level line through it. */
function inner(ring: readonly Metres[]): Metres | null {
  if (ring.length < 3 || Math.abs(ringArea(ring)) < LEAST / 100) return null;
  const norths = [...new Set(ring.map((spot) => spot[1]))].sort((a, b) => a - b);
  const middle = Math.floor((norths.length - 1) / 2);
  const y = (norths[middle]! + (norths[middle + 1] ?? norths[middle]!)) / 2;
  const cuts = ring.flatMap((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    return a[1] > y !== b[1] > y ? [a[0] + ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1])] : [];
  }).sort((a, b) => a - b);
  let best: Metres | null = null, width = 0;
  for (let i = 0; i + 1 < cuts.length; i += 2) {
    if (cuts[i + 1]! - cuts[i]! <= width) continue;
    width = cuts[i + 1]! - cuts[i]!;
    best = [(cuts[i]! + cuts[i + 1]!) / 2, y];
  }
  return best;
}

/** Everything that is wrong with a sketch; what the server would refuse stands first. */
export function problemsOf(sketch: Sketch, plane: Plane, bounds: readonly [number, number, number, number] | null = null): Problem[] {
  const found: Problem[] = [];
  if (sketch.parts.length === 0) return [problem("none", "refuse", null)];
  const least = { point: 1, line: 2, polygon: 3 }[sketch.kind];
  for (const path of sketch.parts.flat()) if (path.length < least) found.push(problem("few", "refuse", path[0] ?? null, { least }));
  if (sketch.kind !== "point") {
    const along = alongPaths(sketch, plane);
    const twice = along.filter(({ rule }) => rule === "duplicate").map(({ place }) => plane.to(place!));
    const across = crossings(sketch, plane).filter(({ rule, place }) => rule !== "touches" || twice.every((at) => distance(at, plane.to(place!)) > 2 * SAME));
    found.push(...along, ...across);
    if (sketch.kind === "polygon") found.push(...holesAndParts(sketch, plane));
    const size = sketch.kind === "polygon" ? areaOf(sketch, plane) : lengthOf(sketch, plane);
    if (size < LEAST) found.push(problem("small", "refuse", sketch.parts[0]?.[0]?.[0] ?? null, { size, least: LEAST }));
  }
  if (bounds) {
    const [west, south, east, north] = bounds;
    const away = sketch.parts.flat(2).find(([lon, lat]) => lon < west || lon > east || lat < south || lat > north);
    if (away) found.push(problem("outside", "warn", away));
  }
  return found.sort((one, other) => Number(one.effect === "warn") - Number(other.effect === "warn"));
}

export const isRefused = (problems: readonly Problem[]): boolean => problems.some(({ effect }) => effect === "refuse");
