import { describe, expect, it } from "vitest";
import { isRightOf, parallel, squareClose, squared } from "./construct";
import { History } from "./history";
import { planeOf, type Corner, type Metres } from "./plane";
import { sketchOf } from "./sketch";
import { Candidate, holdAt, sharersOf, trace, type Hold, type Neighbour } from "./snap";
import { readTyped } from "./typed";

const plane = planeOf(9210, [106.69, 10.77]);
const spot = ([x, y]: Metres): Corner => plane.from([603_000 + x, 1_191_000 + y]);
const near = (at: Corner): Metres => {
  const [x, y] = plane.to(at);
  return [Math.round((x - 603_000) * 1000) / 1000 + 0, Math.round((y - 1_191_000) * 1000) / 1000 + 0];
};
const neighbour = (id: string, ring: Metres[]): Neighbour => {
  const coordinates = [[...ring, ring[0]!].map((m) => [...spot(m)])];
  return { layer: "parcel", id, version: 1, multi: false, sketch: sketchOf({ type: "Polygon", coordinates })! };
};
const parcels = [neighbour("a", [[0, 0], [10, 0], [10, 10], [0, 10]]), neighbour("b", [[10, 0], [20, 0], [20, 10], [10, 10]])];
const line: Neighbour = { layer: "planning_line", id: "l", version: 1, multi: false, sketch: sketchOf({ type: "LineString", coordinates: [[5, -5], [5, 15]].map((m) => [...spot(m as unknown as Metres)]) })! };
const candidates = [...parcels, line].map((one) => new Candidate(one, one.sketch, plane));
const hold = (at: Metres, reach = 1): Hold | null => holdAt(spot(at), candidates, plane, reach);

describe("snapping", () => {
  it("takes the neighbour's corner, every digit of it", () => {
    const caught = hold([9.6, 0.3]);
    expect(caught?.kind).toBe("corner");
    expect(caught?.corner).toBe(parcels[0]!.sketch.parts[0]![0]![1]);
  });
  it("prefers a corner to a crossing to an edge", () => {
    expect(hold([9.3, 0.1])?.kind).toBe("corner");
    expect(hold([5.3, 0.2])?.kind).toBe("crossing");
    expect(near(hold([5.3, 0.2])!.corner)).toEqual([5, 0]);
    expect(hold([2.5, 0.2])?.kind).toBe("edge");
    expect(near(hold([2.5, 0.2])!.corner)).toEqual([2.5, 0]);
  });
  it("lets go beyond its reach", () => expect(hold([2.5, 3])).toBeNull());
  it("names whose corner is shared", () => {
    const sharers = sharersOf(spot([10, 0]), [...parcels, line], plane);
    expect(sharers.map(({ neighbour: { id }, addresses }) => [id, addresses[0]?.corner])).toEqual([["a", 1], ["b", 0]]);
  });
});

describe("tracing a neighbour's border", () => {
  const along = (from: Metres, to: Metres, way: "shorter" | "longer") => trace(hold(from)!.corner, hold(to)!.corner, parcels, way, plane)?.map(near);
  it("goes the shorter way, from corner to corner or from edge to edge", () => {
    expect(along([20, 0], [20, 10], "shorter")).toEqual([]);
    expect(along([15, 0], [20, 4], "shorter")).toEqual([[20, 0]]);
    expect(along([20, 4], [15, 0], "shorter")).toEqual([[20, 0]]);
  });
  it("or the longer way, in the order in which it is walked", () => {
    expect(along([15, 0], [20, 4], "longer")).toEqual([[10, 0], [10, 10], [20, 10]]);
    expect(along([20, 4], [15, 0], "longer")).toEqual([[20, 10], [10, 10], [10, 0]]);
  });
  it("does not leap from one feature to another", () => expect(trace(spot([2, 0]), spot([15, 0]), parcels, "shorter", plane)).toBeNull());
  it("follows the one that has both, also from a corner that others share", () => {
    expect(along([10, 0], [20, 10], "shorter")).toEqual([[20, 0]]);
    expect(along([10, 10], [0, 0], "longer")).toHaveLength(1);
  });
});

describe("construction", () => {
  it("stands square on the edge before, or goes on straight", () => {
    expect(squared([10.3, 7], [10, 0], [0, 0]).map((v) => Math.round(v * 1000) / 1000)).toEqual([10, 7]);
    expect(squared([17, 0.4], [10, 0], [0, 0]).map((v) => Math.round(v * 1000) / 1000)).toEqual([17, 0]);
    expect(squared([3, 0.4], [0, 0], null)[1]).toBeCloseTo(0, 9);
  });
  it("finds the fourth corner of a rectangle, and none elsewhere", () => {
    expect(squareClose([0.4, 6.3], [[0, 0], [10, 0], [10, 6]], 1)?.map((v) => Math.round(v * 1e6) / 1e6 + 0)).toEqual([0, 6]);
    expect(squareClose([4, 6.3], [[0, 0], [10, 0], [10, 6]], 1)).toBeNull();
    expect(squareClose([4, 6.3], [[0, 0], [10, 0]], 1)).toBeNull();
  });
  it("draws the parallel of a bent line and of a ring", () => {
    const rounded = (path: Metres[]) => path.map((spotAt) => spotAt.map((v) => Math.round(v * 1e6) / 1e6 + 0));
    expect(rounded(parallel([[0, 0], [10, 0], [10, 10]], -2, false))).toEqual([[0, 2], [8, 2], [8, 10]]);
    expect(rounded(parallel([[0, 0], [10, 0], [10, 10], [0, 10]], 1, true))).toEqual([[-1, -1], [11, -1], [11, 11], [-1, 11]]);
    expect(rounded(parallel([[0, 0], [5, 0], [10, 0]], 1, false))).toEqual([[0, -1], [5, -1], [10, -1]]);
    expect(isRightOf([5, -1], [[0, 0], [10, 0]], false)).toBe(true);
    expect(isRightOf([5, 1], [[0, 0], [10, 0]], false)).toBe(false);
  });
  it("cuts off what a sharp corner would throw far out", () => {
    const path = parallel([[0, 0], [10, 0], [0, 0.5]], 1, false);
    expect(path).toHaveLength(4);
    expect(Math.max(...path.map(([x]) => x))).toBeLessThan(12);
  });
});

describe("what is typed for the next corner", () => {
  it.each([
    ["12,5 m, 90°", { kind: "polar", length: 12.5, bearing: 90 }],
    ["12.5 90", { kind: "polar", length: 12.5, bearing: 90 }],
    ["@12.5<90", { kind: "polar", length: 12.5, bearing: 90 }],
    ["12,5; 270°30'", { kind: "polar", length: 12.5, bearing: 270.5 }],
    ["8m, -90", { kind: "polar", length: 8, bearing: 270 }],
    ["12,5", { kind: "polar", length: 12.5, bearing: null }],
    ["1191000,123 603000,456", { kind: "grid", north: 1191000.123, east: 603000.456, swapped: false }],
    ["X 1.191.000,123; Y 603.000,456", { kind: "grid", north: 1191000.123, east: 603000.456, swapped: false }],
    ["603000.456, 1191000.123", { kind: "grid", north: 1191000.123, east: 603000.456, swapped: true }],
    ["Y=603000.456 X=1191000.123", { kind: "grid", north: 1191000.123, east: 603000.456, swapped: false }],
    ["10.768403, 106.693584", { kind: "degrees", lon: 106.693584, lat: 10.768403, swapped: false }],
    ["10.768403,106.693584", { kind: "degrees", lon: 106.693584, lat: 10.768403, swapped: false }],
    ["106.693584 10.768403", { kind: "degrees", lon: 106.693584, lat: 10.768403, swapped: true }],
    ["10°46'06\"N 106°41'36\"E", { kind: "degrees", lon: 106 + 41 / 60 + 36 / 3600, lat: 10 + 46 / 60 + 6 / 3600, swapped: false }],
    ["nhà số 5", { kind: "unclear" }],
    ["", { kind: "unclear" }],
    ["12,5 m, 400", { kind: "unclear" }],
  ])("%s", (text, typed) => expect(readTyped(text)).toEqual(typed));
});

describe("back and forth", () => {
  it("has no end, and a new step forgets what was taken back", () => {
    const history = new History(0);
    for (let i = 1; i <= 5000; i++) history.step(i);
    for (let i = 0; i < 5000; i++) expect(history.undo()).toBe(true);
    expect([history.now, history.undo(), history.canRedo]).toEqual([0, false, true]);
    history.redo();
    history.step(7);
    expect([history.now, history.redo()]).toEqual([7, false]);
  });
});

