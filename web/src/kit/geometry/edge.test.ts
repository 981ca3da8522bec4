import { describe, expect, it } from "vitest";
import { circleAround, metresToEdge } from "./edge";

/** A square of 20 m around a spot in Saigon. */
const lon = 106.7, lat = 10.77, half = 10 / 111_195, wide = half / Math.cos((lat * Math.PI) / 180);
const square: GeoJSON.Polygon = {
  type: "Polygon",
  coordinates: [[[lon - wide, lat - half], [lon + wide, lat - half], [lon + wide, lat + half], [lon - wide, lat + half], [lon - wide, lat - half]]],
};

describe("the distance to an area's edge", () => {
  it("is counted in metres from inside and from outside", () => {
    expect(metresToEdge(lon, lat, square)).toBeCloseTo(10, 3);
    expect(metresToEdge(lon + 3 * wide, lat, square)).toBeCloseTo(20, 3);
    expect(metresToEdge(lon, lat + 0.5 * half, square)).toBeCloseTo(5, 3);
  });
  it("sees holes and parts", () => {
    const hole = square.coordinates[0]!.map(([x = 0, y = 0]) => [lon + (x - lon) / 10, lat + (y - lat) / 10]);
    expect(metresToEdge(lon, lat, { type: "MultiPolygon", coordinates: [[square.coordinates[0]!, hole]] })).toBeCloseTo(1, 3);
  });
  it("is none for a line", () => {
    expect(metresToEdge(lon, lat, { type: "LineString", coordinates: [[lon, lat], [lon, lat + half]] })).toBeNull();
  });
  it("of a circle is its radius", () => {
    expect(metresToEdge(lon, lat, circleAround(lon, lat, 30))).toBeCloseTo(30, 0);
  });
});
