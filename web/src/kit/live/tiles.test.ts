import { describe, expect, it } from "vitest";
import type { TileAddress } from "../api/types";
import { related, tileAt, tilesToRefresh } from "./tiles";

describe("tiles", () => {
  it("are found by place", () => {
    expect(tileAt(106.7009, 10.7769, 15)).toEqual([15, 26096, 15397]);
    expect(tileAt(-180, 89, 0)).toEqual([0, 0, 0]);
  });
  it("know their ancestors and descendants", () => {
    const [, x, y] = tileAt(106.7, 10.77, 15);
    expect(related([15, x, y], [12, x >> 3, y >> 3])).toBe(true);
    expect(related([16, 2 * x + 1, 2 * y], [15, x, y])).toBe(true);
    expect(related([15, x, y], [15, x + 1, y])).toBe(false);
  });
});

describe("after a change", () => {
  const shown = { west: 106.69, south: 10.77, east: 106.71, north: 10.78, zooms: [14, 15, 16] };
  it("the shown tiles above and below the changed one are fetched", () => {
    const changed = tileAt(106.7, 10.775, 15);
    const refreshed = tilesToRefresh([changed], shown);
    expect(refreshed).toContainEqual(changed);
    // It fills a quarter of the one above, and so lies at two of its edges: three neighbours draw a strip of it.
    expect(refreshed.filter(([z]) => z === 14)).toHaveLength(4);
    expect(refreshed.filter(([z]) => z === 16)).toHaveLength(4);
  });
  it("a tile far above the changed one is fetched too where it draws over its edge", () => {
    const [z, x, y] = tileAt(106.7, 10.775, 12);
    const wide = { west: 106.5, south: 10.6, east: 106.9, north: 10.95, zooms: [12] };
    // At z16 sixteen tiles lie side by side in one of z12: the leftmost of them, and the second one.
    const middle = y * 16 + 8;
    expect(tilesToRefresh([[16, x * 16, middle]], wide)).toEqual([[z, x - 1, y], [z, x, y]]);
    expect(tilesToRefresh([[16, x * 16 + 2, middle]], wide)).toEqual([[z, x, y]]);
  });
  it("a change elsewhere fetches nothing", () => {
    const far: TileAddress = tileAt(105.85, 21.03, 15);
    expect(tilesToRefresh([far], shown)).toEqual([]);
  });
});
