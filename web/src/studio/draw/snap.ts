/**
 * Catching hold of what is there: corners first, then crossings of edges, then edges. Corners come as the server keeps
 * them, every digit of them, so that neighbours share the very same one.
 */
import { crossing, distance, foot, settled, type Corner, type Metres, type Plane } from "./plane";
import type { Address, Sketch } from "./sketch";

/** A feature beside what is drawn, as the server has it. */
export interface Neighbour { layer: string; id: string; version: number; multi: boolean; sketch: Sketch }

export interface Hold {
  kind: "corner" | "crossing" | "edge";
  corner: Corner;
  /** Whose border: null for the sketch itself. */
  of: Neighbour | null;
  /** The corner, or the one that begins the edge. */
  address: Address;
  /** How far along that edge, 0 to 1. */
  share: number;
}

/** A feature with the metres of its corners, reckoned when they are first needed. */
export class Candidate {
  private readonly metres = new Map<string, Metres>();
  constructor(readonly neighbour: Neighbour | null, readonly sketch: Sketch, private readonly plane: Plane) {}

  at({ part, path, corner }: Address, spot: Corner): Metres {
    const key = `${part}/${path}/${corner}`;
    const known = this.metres.get(key);
    if (known) return known;
    const reckoned = this.plane.to(spot);
    this.metres.set(key, reckoned);
    return reckoned;
  }
}

interface Near { of: Candidate; address: Address; a: Metres; b: Metres; spotA: Corner; spotB: Corner; at: Metres; share: number; away: number }

/** Corners of several layers nearer to each other than this are one; the first candidate has it. */
const SAME = 0.001;

/** What of the candidates lies within `reach` metres of a spot; nearest of the best kind. */
export function holdAt(spot: Corner, candidates: readonly Candidate[], plane: Plane, reach: number): Hold | null {
  const here = plane.to(spot);
  const lat = reach / 110_000, lon = lat / Math.max(0.1, Math.cos((spot[1] * Math.PI) / 180));
  const west = spot[0] - lon, east = spot[0] + lon, south = spot[1] - lat, north = spot[1] + lat;
  let best: { hold: Hold; away: number } | null = null;
  const edges: Near[] = [];
  for (const of of candidates) {
    const isRing = of.sketch.kind === "polygon";
    for (const [part, paths] of of.sketch.parts.entries()) {
      for (const [path, spots] of paths.entries()) {
        for (let corner = 0; corner < spots.length; corner++) {
          const a = spots[corner]!, b = spots[corner + 1] ?? (isRing && spots.length > 2 ? spots[0] : undefined);
          const address = { part, path, corner };
          if (a[0] >= west && a[0] <= east && a[1] >= south && a[1] <= north) {
            const away = distance(here, of.at(address, a));
            if (away <= reach && (!best || away < best.away - SAME)) best = { away, hold: { kind: "corner", corner: a, of: of.neighbour, address, share: 0 } };
          }
          if (!b) continue;
          if (Math.max(a[0], b[0]) < west || Math.min(a[0], b[0]) > east || Math.max(a[1], b[1]) < south || Math.min(a[1], b[1]) > north) continue;
          const from = of.at(address, a), to = of.at({ part, path, corner: (corner + 1) % spots.length }, b);
          const { at, share } = foot(here, from, to);
          const away = distance(here, at);
          if (away <= reach) edges.push({ of, address, a: from, b: to, spotA: a, spotB: b, at, share, away });
        }
      }
    }
  }
  return best?.hold ?? crossingNear(here, edges, plane, reach) ?? edgeNear(edges, plane);
}

function crossingNear(here: Metres, edges: readonly Near[], plane: Plane, reach: number): Hold | null {
  let best: { at: Metres; away: number; edge: Near } | null = null;
  for (let i = 0; i < edges.length; i++) {
    for (let j = i + 1; j < edges.length; j++) {
      const one = edges[i]!, other = edges[j]!;
      const at = crossing(one.a, one.b, other.a, other.b);
      if (!at) continue;
      const away = distance(here, at);
      if (away <= reach && (!best || away < best.away)) best = { at, away, edge: one };
    }
  }
  if (!best) return null;
  const { edge, at } = best;
  return { kind: "crossing", corner: settled(plane.from(at), plane), of: edge.of.neighbour, address: edge.address, share: foot(at, edge.a, edge.b).share };
}

function edgeNear(edges: readonly Near[], plane: Plane): Hold | null {
  const nearest = edges.reduce<Near | null>((best, edge) => (!best || edge.away < best.away ? edge : best), null);
  if (!nearest) return null;
  return { kind: "edge", corner: settled(plane.from(nearest.at), plane), of: nearest.of.neighbour, address: nearest.address, share: nearest.share };
}

/** Corners of neighbours that are this very corner (to a millimetre). */
export function sharersOf(spot: Corner, neighbours: readonly Neighbour[], plane: Plane): { neighbour: Neighbour; addresses: Address[] }[] {
  const here = plane.to(spot);
  return neighbours.flatMap((neighbour) => {
    const addresses: Address[] = [];
    for (const [part, paths] of neighbour.sketch.parts.entries()) {
      for (const [path, spots] of paths.entries()) {
        spots.forEach((other, corner) => {
          const near = Math.abs(other[0] - spot[0]) < 1e-7 && Math.abs(other[1] - spot[1]) < 1e-7;
          if (near && distance(here, plane.to(other)) < 0.001) addresses.push({ part, path, corner });
        });
      }
    }
    return addresses.length > 0 ? [{ neighbour, addresses }] : [];
  });
}

/** Which way around a neighbour's ring. */
export type Way = "shorter" | "longer";

/** Where a spot lies on a path: the corner that begins its edge and the share of it; null when it is not on it. */
function along(spot: Corner, path: readonly Corner[], isRing: boolean, plane: Plane): number | null {
  const here = plane.to(spot), close = 1e-4;
  let best: number | null = null;
  for (let i = 0; i < path.length; i++) {
    const a = path[i]!, b = path[i + 1] ?? (isRing ? path[0] : undefined);
    if (a[0] === spot[0] && a[1] === spot[1]) return i;
    if (!b || spot[0] < Math.min(a[0], b[0]) - close || spot[0] > Math.max(a[0], b[0]) + close || spot[1] < Math.min(a[1], b[1]) - close || spot[1] > Math.max(a[1], b[1]) + close) continue;
    const { at, share } = foot(here, plane.to(a), plane.to(b));
    // What was caught on an edge was put on the whole millimetre, so it lies up to 0.7 mm beside it.
    if (distance(at, here) < 0.002) best ??= share > 1 - 1e-9 ? (i + 1) % path.length : i + share;
  }
  return best;
}

/**
 * The corners of a border between two spots that were caught on it, both left out; null when no neighbour has both on
 * one path. Where several have, the one with the shortest way is followed.
 */
export function trace(from: Corner, to: Corner, neighbours: readonly Neighbour[], way: Way, plane: Plane): Corner[] | null {
  let best: { path: Corner[]; length: number } | null = null;
  for (const { sketch } of neighbours) {
    const isRing = sketch.kind === "polygon";
    for (const spots of sketch.parts.flat()) {
      const start = along(from, spots, isRing, plane), end = start === null ? null : along(to, spots, isRing, plane);
      if (start === null || end === null || start === end) continue;
      const found = wayAlong(spots, start, end, isRing, way, (path) => lengthOf([from, ...path, to], plane));
      const length = lengthOf([from, ...found, to], plane);
      if (!best || length < best.length) best = { path: found, length };
    }
  }
  return best?.path ?? null;
}

function lengthOf(path: readonly Corner[], plane: Plane): number {
  const metres = path.map(plane.to);
  return metres.slice(1).reduce((sum, spot, i) => sum + distance(metres[i]!, spot), 0);
}

function wayAlong(spots: readonly Corner[], start: number, end: number, isRing: boolean, way: Way, length: (path: Corner[]) => number): Corner[] {
  const between = (low: number, high: number) => spots.filter((_, i) => i > low && i < high);
  const up = start < end;
  const direct = up ? between(start, end) : between(end, start).reverse();
  if (!isRing) return direct;
  const around = up ? [...between(-1, start).reverse(), ...between(end, spots.length).reverse()] : [...between(start, spots.length), ...between(-1, end)];
  const directIsShorter = length(direct) <= length(around);
  return directIsShorter === (way === "shorter") ? direct : around;
}
