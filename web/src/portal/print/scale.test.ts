import { describe, expect, it } from "vitest";
import { gridLines, gridStep, scaleFor, scaleToFit, zoomOf } from "./scale";

describe("a printed scale", () => {
  it("is exact on paper: 1:1000 puts 26.458 cm of ground on a pixel", () => {
    const metresAPixel = (40_075_016.686 * Math.cos((10.77 * Math.PI) / 180)) / (512 * 2 ** zoomOf(1000, 10.77));
    expect(metresAPixel).toBeCloseTo(0.264583, 6);
  });
  it("is round and shows at least what the screen showed", () => {
    expect(scaleFor(zoomOf(900, 10.77), 10.77)).toBe(1000);
    expect(scaleFor(zoomOf(1000, 10.77), 10.77)).toBe(1000);
    expect(scaleFor(3, 10)).toBe(5_000_000);
  });
});

it("a plot fits its sheet with its neighbours around it", () => {
  // 87 metres from east to west at 10.77° north: 1:500 gives 92 metres of paper, of which a plot takes 64.
  expect(scaleToFit([106.7, 10.77, 106.7008, 10.7702], 695, 560)).toBe(1000);
  expect(scaleToFit([106.7, 10.77, 106.7001, 10.7701], 695, 560)).toBe(250);
});

it("grid lines keep about four centimetres", () => {
  expect([500, 1000, 2000, 25_000].map(gridStep)).toEqual([20, 50, 100, 1000]);
});

it("a grid is drawn at its round metres", () => {
  const lines = gridLines(100, 50, 20, (x, y) => ({ east: 1005 + x, north: 2045 - y }));
  expect(lines.filter((line) => line.edge === "top").map((line) => [Math.round(line.x1), line.label])).toEqual([[15, "1020"], [35, "1040"], [55, "1060"], [75, "1080"], [95, "1100"]]);
  expect(lines.filter((line) => line.edge === "left").map((line) => [Math.round(line.y1), line.label])).toEqual([[45, "2000"], [25, "2020"], [5, "2040"]]);
});
