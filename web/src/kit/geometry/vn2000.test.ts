import { describe, expect, it } from "vitest";
import { boxOf } from "./box";
import { toGrid, zoneName } from "./vn2000";

describe("VN-2000", () => {
  it("agrees with the pinned transformation to one millimetre", () => {
    const point = toGrid(106.693584094, 10.768403658, 9210);
    expect(point?.east).toBeCloseTo(603_000, 3);
    expect(point?.north).toBeCloseTo(1_191_000, 3);
  });
  it("knows no grid where the code is none of ours", () => expect(toGrid(-71.1, 42.37, 2249)).toBeNull());
  it("names its zones", () => expect(zoneName(9210)).toBe("VN-2000 / TM-3 105°45′"));
});

it("a box holds all parts of all shapes", () => {
  expect(boxOf([{ type: "Point", coordinates: [1, 2] }, { type: "MultiPolygon", coordinates: [[[[0, 5], [3, 5], [3, 6], [0, 5]]]] }])).toEqual([0, 2, 3, 6]);
  expect(boxOf([])).toBeNull();
});
