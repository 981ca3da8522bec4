// A GeoTIFF as a scanner's software writes one: uncompressed, red, green, blue, placed by its corner and the size of a pixel.
import { writeFileSync } from "node:fs";

const SHORT = 3, LONG = 4, DOUBLE = 12;
const BYTES = { [SHORT]: 2, [LONG]: 4, [DOUBLE]: 8 };

/** Writes `colour(column, row)` for a square of `side` pixels whose north-west corner is (east, north) in metres of an EPSG code. */
export function writeGeoTiff(path, { side, metres, east, north, epsg, colour }) {
  const pixels = Buffer.alloc(side * side * 3);
  for (let row = 0; row < side; row++) for (let column = 0; column < side; column++) pixels.set(colour(column, row), (row * side + column) * 3);
  const tags = [
    [256, LONG, [side]], [257, LONG, [side]], [258, SHORT, [8, 8, 8]], [259, SHORT, [1]], [262, SHORT, [2]], [273, LONG, [8]],
    [277, SHORT, [3]], [278, LONG, [side]], [279, LONG, [pixels.length]], [284, SHORT, [1]],
    [33550, DOUBLE, [metres, metres, 0]], [33922, DOUBLE, [0, 0, 0, east, north, 0]],
    // Model projected, pixels are areas, the system by its code (OGC 19-008r4, 7.1).
    [34735, SHORT, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg]],
  ];
  const directory = 8 + pixels.length, tail = [];
  let end = directory + 2 + tags.length * 12 + 4;
  const entries = Buffer.alloc(end - directory);
  entries.writeUInt16LE(tags.length, 0);
  for (const [at, [tag, kind, values]] of tags.entries()) {
    const body = Buffer.alloc(Math.max(4, values.length * BYTES[kind]));
    for (const [i, value] of values.entries()) {
      if (kind === SHORT) body.writeUInt16LE(value, i * 2);
      else if (kind === LONG) body.writeUInt32LE(value, i * 4);
      else body.writeDoubleLE(value, i * 8);
    }
    const from = 2 + at * 12;
    entries.writeUInt16LE(tag, from);
    entries.writeUInt16LE(kind, from + 2);
    entries.writeUInt32LE(values.length, from + 4);
    if (body.length <= 4) body.copy(entries, from + 8);
    else {
      entries.writeUInt32LE(end, from + 8);
      tail.push(body);
      end += body.length;
    }
  }
  const head = Buffer.alloc(8);
  head.write("II", "latin1");
  head.writeUInt16LE(42, 2);
  head.writeUInt32LE(directory, 4);
  writeFileSync(path, Buffer.concat([head, pixels, entries, ...tail]));
}
