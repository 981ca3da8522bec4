import { describe, expect, it } from "vitest";
import { spotInside } from "./inside";

const insideOf = (geometry: GeoJSON.Geometry) => spotInside(geometry)?.at ?? null;

const square = (x: number, y: number, side: number) => [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]];

describe("a label's spot in an area", () => {
  it("is the middle of a plain plot", () => expect(insideOf({ type: "Polygon", coordinates: [square(0, 0, 10)] })).toEqual([5, 5]));

  it("lies in the largest part", () => {
    expect(insideOf({ type: "MultiPolygon", coordinates: [[square(0, 0, 1)], [square(20, 20, 10)], [square(40, 0, 2)]] })).toEqual([25, 25]);
  });

  it("lies inside an L, not in its empty corner", () => {
    const [x, y] = insideOf({ type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, 2], [2, 2], [2, 10], [0, 10], [0, 0]]] }) ?? [9, 9];
    expect((x > 0 && x < 10 && y > 0 && y < 2) || (x > 0 && x < 2 && y > 0 && y < 10)).toBe(true);
  });

  it("lies beside a hole", () => {
    const [x, y] = insideOf({ type: "Polygon", coordinates: [square(0, 0, 10), square(3, 3, 4)] }) ?? [5, 5];
    expect(x > 3 && x < 7 && y > 3 && y < 7).toBe(false);
  });

  it("is none for a line", () => expect(insideOf({ type: "LineString", coordinates: [[0, 0], [1, 1]] })).toBeNull());
});
