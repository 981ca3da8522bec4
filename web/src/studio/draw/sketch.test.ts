import { describe, expect, it } from "vitest";
import { areaOf, asDms, edgesOf, lengthOf } from "./measure";
import { at, planeOf, settled, type Corner, type Metres } from "./plane";
import { isRefused, problemsOf } from "./problems";
import { edges, geometryOf, inserted, moved, removed, serverGeometry, sketchOf, withHole, withPart, withoutPath, type Kind, type Sketch } from "./sketch";

const plane = planeOf(9210, [106.69, 10.77]);
/** Corners by metres right of and above a spot in Quận 1. */
const spot = ([x, y]: Metres): Corner => plane.from([603_000 + x, 1_191_000 + y]);
const sketch = (kind: Kind, ...parts: Metres[][][]): Sketch => ({ kind, parts: parts.map((part) => part.map((path) => path.map(spot))) });
const SQUARE: Metres[] = [[0, 0], [10, 0], [10, 10], [0, 10]];
const rules = (of: Sketch) => problemsOf(of, plane).map(({ rule }) => rule);
const placesOf = (of: Sketch) => problemsOf(of, plane).map(({ place }) => place && plane.to(place).map((metres, i) => Math.round((metres - [603_000, 1_191_000][i]!) * 100) / 100));

describe("a sketch", () => {
  it("is the same geometry again, for every kind", () => {
    for (const geometry of [
      { type: "Point", coordinates: [106.7, 10.8] },
      { type: "MultiLineString", coordinates: [[[106.7, 10.8], [106.71, 10.8]], [[106.7, 10.9], [106.71, 10.9]]] },
      { type: "Polygon", coordinates: [[[0, 0], [9, 0], [9, 9], [0, 0]], [[2, 1], [3, 1], [3, 2], [2, 1]]] },
    ] as GeoJSON.Geometry[]) expect(geometryOf(sketchOf(geometry)!)).toEqual(geometry);
  });
  it("goes to the server in whole millimetres of its zone, with the zone's number", () => {
    expect(serverGeometry(sketch("polygon", [SQUARE]), false, plane)).toEqual({
      type: "Polygon", srid: 9210, coordinates: [[[603000, 1191000], [603010, 1191000], [603010, 1191010], [603000, 1191010], [603000, 1191000]]],
    });
    expect(serverGeometry(sketch("polygon", [SQUARE]), true, plane)?.type).toBe("MultiPolygon");
  });
  it("takes corners in and out, and goes when too few are left", () => {
    const square = sketch("polygon", [SQUARE]);
    const five = inserted(square, { part: 0, path: 0, corner: 1 }, spot([5, -1]));
    expect(five.parts[0]![0]).toHaveLength(5);
    expect(removed(five, { part: 0, path: 0, corner: 1 })).toEqual(square);
    expect(areaOf(moved(square, { part: 0, path: 0, corner: 2 }, spot([10, 20])), plane)).toBeCloseTo(150, 4);
    expect(removed(sketch("polygon", [SQUARE.slice(0, 3)]), { part: 0, path: 0, corner: 0 }).parts).toEqual([]);
  });
  it("takes holes and parts in and out", () => {
    const square = sketch("polygon", [SQUARE]), hole = [[2, 2], [4, 2], [4, 4]].map((m) => spot(m as unknown as Metres));
    const holed = withHole(square, 0, hole);
    expect(areaOf(holed, plane)).toBeCloseTo(98, 4);
    expect(lengthOf(square, plane)).toBeCloseTo(40, 5);
    expect(withoutPath(holed, { part: 0, path: 1 })).toEqual(square);
    expect(withPart(holed, hole).parts).toHaveLength(2);
    expect([...edges(holed)]).toHaveLength(7);
  });
  it("knows edges and bearings clockwise from the grid's north", () => {
    const found = edgesOf(sketch("polygon", [SQUARE]).parts[0]![0]!, true, plane);
    expect(found.map((edge) => asDms(edge.bearing))).toEqual(["90°00′00″", "0°00′00″", "270°00′00″", "180°00′00″"]);
    expect(found[3]!.length).toBeCloseTo(10, 6);
    expect(at([0, 0], 12.5, 90)[0]).toBeCloseTo(12.5, 9);
  });
  it("puts what the hand places on the whole millimetre", () => {
    const [east, north] = plane.to(settled(spot([0.12345, 7.98765]), plane));
    expect(east).toBeCloseTo(603_000.123, 6);
    expect(north).toBeCloseTo(1_191_007.988, 6);
  });
});

describe("what is wrong", () => {
  it("nothing with a square, or with one that has a hole and a neighbour at its corner", () => {
    expect(rules(sketch("polygon", [SQUARE, [[2, 2], [4, 2], [4, 4]]], [[[10, 10], [20, 10], [20, 20]]]))).toEqual([]);
  });
  it("a bow tie crosses itself in its middle", () => {
    const bow = sketch("polygon", [[[0, 0], [10, 10], [10, 0], [0, 10]]]);
    expect(rules(bow)).toContain("crossing");
    expect(placesOf(bow)[0]).toEqual([5, 5]);
    expect(isRefused(problemsOf(bow, plane))).toBe(true);
  });
  it("a corner twice, a ring that comes back to a corner, a spike", () => {
    expect(rules(sketch("polygon", [[[0, 0], [10, 0], [10, 0.0004], [10, 10], [0, 10]]]))).toEqual(["duplicate"]);
    expect(rules(sketch("polygon", [[[0, 0], [5, 5], [10, 0], [10, 10], [5, 5], [0, 10]]]))).toEqual(["touches"]);
    expect(rules(sketch("polygon", [[[0, 0], [10, 0], [10, 5], [60, 5.1], [10, 5.2], [10, 10], [0, 10]]]))).toEqual(["spike"]);
  });
  it("holes outside, across or in each other, and parts over each other", () => {
    expect(rules(sketch("polygon", [SQUARE, [[22, 2], [24, 2], [24, 4]]]))).toEqual(["hole_outside"]);
    expect(rules(sketch("polygon", [SQUARE, [[8, 2], [14, 2], [14, 4], [8, 4]]]))).toContain("crossing");
    expect(rules(sketch("polygon", [SQUARE, [[1, 1], [8, 1], [8, 8], [1, 8]], [[2, 2], [3, 2], [3, 3]]]))).toEqual(["holes_overlap"]);
    expect(rules(sketch("polygon", [SQUARE], [[[2, 2], [3, 2], [3, 3]]]))).toEqual(["parts_overlap"]);
  });
  it("what is too small or has too few corners", () => {
    expect(rules(sketch("polygon", [[[0, 0], [0.1, 0], [0.1, 0.1]]]))).toEqual(["small"]);
    expect(rules(sketch("line", [[[0, 0], [0.002, 0]]]))).toEqual(["small"]);
    expect(rules(sketch("polygon", [[[0, 0], [10, 0]]]))).toContain("few");
    expect(rules({ kind: "polygon", parts: [] })).toEqual(["none"]);
  });
  it("a line that crosses itself is only warned of", () => {
    const found = problemsOf(sketch("line", [[[0, 0], [10, 10], [10, 0], [0, 10]]]), plane);
    expect(found.map(({ rule, effect }) => [rule, effect])).toEqual([["crossing", "warn"]]);
  });
  it("two thousand corners are looked through in a fraction of a second", () => {
    const round = Array.from({ length: 2000 }, (_, i): Metres => [Math.cos((i * Math.PI) / 1000) * 200, Math.sin((i * Math.PI) / 1000) * 200]);
    const began = performance.now();
    expect(rules(sketch("polygon", [round]))).toEqual([]);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
