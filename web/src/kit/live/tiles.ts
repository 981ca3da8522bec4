import type { TileAddress } from "../api/types";

/** What the map shows now: the box in lon/lat and the tile zooms that a source may have in it. */
export interface Shown { west: number; south: number; east: number; north: number; zooms: number[] }

const clampRow = (row: number, z: number) => Math.min(Math.max(row, 0), 2 ** z - 1);

/** The tile that a spot (lon/lat) lies in. */
export function tileAt(lon: number, lat: number, z: number): TileAddress {
  const sin = Math.sin((Math.min(Math.max(lat, -85.0511), 85.0511) * Math.PI) / 180);
  const x = Math.floor(((lon + 180) / 360) * 2 ** z);
  const y = Math.floor((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * 2 ** z);
  return [z, clampRow(x, z), clampRow(y, z)];
}

/** Whether one tile lies within the other, whichever is the larger. */
export function related(a: TileAddress, b: TileAddress): boolean {
  const [high, low] = a[0] <= b[0] ? [a, b] : [b, a];
  const step = low[0] - high[0];
  return low[1] >> step === high[1] && low[2] >> step === high[2];
}

/**
 * How far a tile draws over its edges, in tiles: 64 of 4096 units, and below the detail zoom the cells at its edges, which are
 * made with their neighbours. What changed is named by tiles of one zoom; a tile far above it reaches farther.
 */
const REACH = 1 / 16;

/** Whether a changed tile lies in what this one draws: within it, around it, or over one of its edges. */
function isTouched(tile: TileAddress, changed: TileAddress): boolean {
  const [z, x, y] = tile;
  if (z >= changed[0]) return related(tile, changed);
  const scale = 2 ** (changed[0] - z);
  const meets = (at: number, of: number) => (of + 1) / scale > at - REACH && of / scale < at + 1 + REACH;
  return meets(x, changed[1]) && meets(y, changed[2]);
}

/** The shown tiles that contain, or lie in, a changed one: what the map must fetch again. */
export function tilesToRefresh(changed: TileAddress[], shown: Shown): TileAddress[] {
  const found: TileAddress[] = [];
  for (const z of shown.zooms) {
    const [, left, top] = tileAt(shown.west, shown.north, z);
    const [, right, bottom] = tileAt(shown.east, shown.south, z);
    // One tile around: what is drawn over an edge belongs to the neighbour too.
    for (let x = clampRow(left - 1, z); x <= clampRow(right + 1, z); x++) {
      for (let y = clampRow(top - 1, z); y <= clampRow(bottom + 1, z); y++) {
        const tile: TileAddress = [z, x, y];
        if (changed.some((other) => isTouched(tile, other))) found.push(tile);
      }
    }
  }
  return found;
}
