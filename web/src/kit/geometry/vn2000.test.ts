import { describe, expect, it } from "vitest";
import { boxOf } from "./box";
import { centralMeridian, fromGrid, toGrid, zoneName, ZONES } from "./vn2000";

/** Printed by PROJ 9.1.1 with the pinned parameters (operation EPSG:6960). */
const PINNED = [
  { srid: 9210, east: 603_000, north: 1_191_000, lon: 106.693584093517, lat: 10.768403657793 },
  { srid: 9210, east: 505_000, north: 2_325_000, lon: 105.799984319172, lat: 21.018477689019 },
  { srid: 9210, east: 412_345.678, north: 900_000, lon: 104.956351233048, lat: 8.13780136178 },
  { srid: 9210, east: 714_999.999, north: 2_600_000, lon: 107.856552090027, lat: 23.487932343032 },
] as const;

describe("VN-2000", () => {
  it.each(PINNED)("agrees with the pinned transformation to one millimetre at $east, $north", ({ srid, east, north, lon, lat }) => {
    const place = fromGrid(north, east, srid)!;
    expect(place[0]).toBeCloseTo(lon, 11);
    expect(place[1]).toBeCloseTo(lat, 11);
    const point = toGrid(lon, lat, srid);
    expect(point?.east).toBeCloseTo(east, 5);
    expect(point?.north).toBeCloseTo(north, 5);
  });
  it("comes back to the micrometre from every zone, from the south to the north and 2° off the meridian", () => {
    for (const srid of ZONES) {
      for (let north = 900_000; north <= 2_600_000; north += 212_345.678) {
        for (const east of [285_000.001, 412_345.678, 500_000, 603_000.0005, 714_999.999]) {
          const [lon, lat] = fromGrid(north, east, srid)!;
          const back = toGrid(lon, lat, srid)!;
          expect(Math.abs(back.north - north)).toBeLessThan(1e-6);
          expect(Math.abs(back.east - east)).toBeLessThan(1e-6);
        }
      }
    }
  });
  it("lists its zones from west to east", () => {
    expect(ZONES).toHaveLength(18);
    expect(centralMeridian(ZONES[0]!)).toBe(102);
    expect(centralMeridian(ZONES[17]!)).toBe(108.5);
  });
  it("knows no grid where the code is none of ours", () => {
    expect(toGrid(-71.1, 42.37, 2249)).toBeNull();
    expect(fromGrid(1_000_000, 500_000, 2249)).toBeNull();
  });
  it("names its zones", () => expect(zoneName(9210)).toBe("VN-2000 / TM-3 105°45′"));
});

it("a box holds all parts of all shapes", () => {
  expect(boxOf([{ type: "Point", coordinates: [1, 2] }, { type: "MultiPolygon", coordinates: [[[[0, 5], [3, 5], [3, 6], [0, 5]]]] }])).toEqual([0, 2, 3, 6]);
  expect(boxOf([])).toBeNull();
});
