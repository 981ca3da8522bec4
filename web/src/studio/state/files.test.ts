import { describe, expect, it } from "vitest";
import { toGrid } from "../../kit/geometry/vn2000";
import type { Schema } from "../api";
import { csv, dxf, geojson } from "./files";
import type { Row } from "./work";

const ring = [[106.7, 10.77], [106.7001, 10.77], [106.7001, 10.7701], [106.7, 10.77]];
const row: Row = { layer: "parcel", id: "a", version: 1, values: { number: "9", note: "=1+1", name: 'a "b", c' }, shape: { type: "Polygon", coordinates: [ring] } };

describe("files", () => {
  it("hold legal metres and name their zone", () => {
    const file = JSON.parse(geojson("parcel", [row], 9210)) as { crs: { properties: { name: string } }; features: { geometry: { coordinates: number[][][] } }[] };
    expect(file.crs.properties.name).toMatch(/9210$/);
    const { east, north } = toGrid(106.7, 10.77, 9210)!;
    const [x, y] = file.features[0]!.geometry.coordinates[0]![0]!;
    expect(Math.abs(x! - east)).toBeLessThan(0.0005);
    expect(Math.abs(y! - north)).toBeLessThan(0.0005);
  });

  it("close rings in a drawing without saying a corner twice", () => {
    const text = dxf("parcel", [row], 9210);
    expect(text.match(/VERTEX/g)).toHaveLength(3);
    expect(text).toMatch(/POLYLINE\r\n8\r\nparcel\r\n66\r\n1\r\n70\r\n1\r\n/);
    expect(text.endsWith("0\r\nENDSEC\r\n0\r\nEOF\r\n")).toBe(true);
  });

  it("quote cells, and defuse texts that a spreadsheet would run", () => {
    const schema = { "x-order": ["number", "note", "name"] } as unknown as Schema;
    expect(csv([row], schema)).toBe('\ufeffid,number,note,name\r\na,9,\'=1+1,"a ""b"", c"\r\n');
  });
});
