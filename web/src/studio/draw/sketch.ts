/**
 * What is being drawn, as a value: parts of paths of corners. A polygon's paths are its ring and its holes, without the
 * repeated closing corner; a line's part is one path; a point's one path of one corner. Edits return a new sketch.
 */
import type { Corner, Plane } from "./plane";
import { legal } from "./plane";

export type Kind = "point" | "line" | "polygon";
export type Path = readonly Corner[];
export type Part = readonly Path[];
export interface Sketch { readonly kind: Kind; readonly parts: readonly Part[] }
/** Where a corner stands. */
export interface Address { part: number; path: number; corner: number }

export const emptySketch = (kind: Kind): Sketch => ({ kind, parts: [] });

const corner = (position: GeoJSON.Position): Corner => [position[0] ?? 0, position[1] ?? 0];
const open = (ring: GeoJSON.Position[]): Path => {
  const path = ring.map(corner), first = path[0], last = path[path.length - 1];
  return path.length > 1 && first && last && first[0] === last[0] && first[1] === last[1] ? path.slice(0, -1) : path;
};

/** A geometry as a sketch; collections have none. */
export function sketchOf(geometry: GeoJSON.Geometry): Sketch | null {
  switch (geometry.type) {
    case "Point": return { kind: "point", parts: [[[corner(geometry.coordinates)]]] };
    case "MultiPoint": return { kind: "point", parts: geometry.coordinates.map((position) => [[corner(position)]]) };
    case "LineString": return { kind: "line", parts: [[geometry.coordinates.map(corner)]] };
    case "MultiLineString": return { kind: "line", parts: geometry.coordinates.map((line) => [line.map(corner)]) };
    case "Polygon": return { kind: "polygon", parts: [geometry.coordinates.map(open)] };
    case "MultiPolygon": return { kind: "polygon", parts: geometry.coordinates.map((part) => part.map(open)) };
    case "GeometryCollection": return null;
  }
}

type Numbers = [number, number];

/** The sketch as GeoJSON of pairs that `say` makes of its corners; null while it holds nothing whole. */
function written(sketch: Sketch, multi: boolean, say: (corner: Corner) => Numbers): GeoJSON.Geometry | null {
  const least = { point: 1, line: 2, polygon: 3 }[sketch.kind];
  const parts = sketch.parts.map((part) => part.filter((path) => path.length >= least)).filter((part) => part.length > 0);
  if (parts.length === 0) return null;
  const one = !multi && parts.length === 1;
  const ring = (path: Path): Numbers[] => {
    const said = path.map(say);
    return said[0] ? [...said, said[0]] : said;
  };
  switch (sketch.kind) {
    case "point": {
      const spots = parts.map((part) => say(part[0]![0]!));
      return one ? { type: "Point", coordinates: spots[0]! } : { type: "MultiPoint", coordinates: spots };
    }
    case "line": {
      const lines = parts.map((part) => part[0]!.map(say));
      return one ? { type: "LineString", coordinates: lines[0]! } : { type: "MultiLineString", coordinates: lines };
    }
    case "polygon": {
      const areas = parts.map((part) => part.map(ring));
      return one ? { type: "Polygon", coordinates: areas[0]! } : { type: "MultiPolygon", coordinates: areas };
    }
  }
}

/** WGS 84 GeoJSON with every digit that is known. */
export const geometryOf = (sketch: Sketch, multi = false): GeoJSON.Geometry | null => written(sketch, multi, ([lon, lat]) => [lon, lat]);

/** What a change set takes: metres of the zone with its `srid`, or WGS 84 where there is none. */
export function serverGeometry(sketch: Sketch, multi: boolean, plane: Plane): (GeoJSON.Geometry & { srid?: number }) | null {
  if (plane.srid === null) return geometryOf(sketch, multi);
  const geometry = written(sketch, multi, (spot) => [...legal(spot, plane)]);
  return geometry && { ...geometry, srid: plane.srid };
}

export const pathAt = (sketch: Sketch, { part, path }: { part: number; path: number }): Path | undefined => sketch.parts[part]?.[path];
export const cornerAt = (sketch: Sketch, address: Address): Corner | undefined => pathAt(sketch, address)?.[address.corner];

function withPath(sketch: Sketch, { part, path }: { part: number; path: number }, change: (path: Path) => Path): Sketch {
  return { ...sketch, parts: sketch.parts.map((paths, i) => (i === part ? paths.map((one, j) => (j === path ? change(one) : one)) : paths)) };
}

export const moved = (sketch: Sketch, address: Address, to: Corner): Sketch =>
  withPath(sketch, address, (path) => path.map((one, i) => (i === address.corner ? to : one)));

/** A corner more, standing at `address.corner`. */
export const inserted = (sketch: Sketch, address: Address, spot: Corner): Sketch =>
  withPath(sketch, address, (path) => [...path.slice(0, address.corner), spot, ...path.slice(address.corner)]);

/** Without a corner; a path that has too few left goes, and a part without its ring too. */
export function removed(sketch: Sketch, address: Address): Sketch {
  const path = pathAt(sketch, address);
  if (!path) return sketch;
  const least = { point: 1, line: 2, polygon: 3 }[sketch.kind];
  if (path.length - 1 < least) return withoutPath(sketch, address);
  return withPath(sketch, address, (one) => one.filter((_, i) => i !== address.corner));
}

/** Without a hole, or, where the path is the ring itself, without the whole part. */
export function withoutPath(sketch: Sketch, { part, path }: { part: number; path: number }): Sketch {
  if (path === 0) return { ...sketch, parts: sketch.parts.filter((_, i) => i !== part) };
  return { ...sketch, parts: sketch.parts.map((paths, i) => (i === part ? paths.filter((_, j) => j !== path) : paths)) };
}

export const withPart = (sketch: Sketch, path: Path): Sketch => ({ ...sketch, parts: [...sketch.parts, [path]] });

export const withHole = (sketch: Sketch, part: number, path: Path): Sketch =>
  ({ ...sketch, parts: sketch.parts.map((paths, i) => (i === part ? [...paths, path] : paths)) });

/** Every corner with where it stands. */
export function* corners(sketch: Sketch): Generator<[Address, Corner]> {
  for (const [part, paths] of sketch.parts.entries()) {
    for (const [path, spots] of paths.entries()) {
      for (const [corner, spot] of spots.entries()) yield [{ part, path, corner }, spot];
    }
  }
}

/** Every edge: its first corner's address and both ends; rings are closed. */
export function* edges(sketch: Sketch): Generator<[Address, Corner, Corner]> {
  if (sketch.kind === "point") return;
  for (const [address, spot] of corners(sketch)) {
    const path = pathAt(sketch, address)!;
    const next = path[address.corner + 1] ?? (sketch.kind === "polygon" && path.length > 2 ? path[0] : undefined);
    if (next) yield [address, spot, next];
  }
}

/** Whether a corner lies inside a ring, by counting crossings; on the ring is not told. */
export function isInside([x, y]: readonly [number, number], ring: readonly (readonly [number, number])[]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[i]!, [bx, by] = ring[j]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
