import { describe, expect, it } from "vitest";
import { areaOf } from "../measure";
import { planeOf } from "../plane";
import { sketchOf } from "../sketch";
import { placeTable } from "./place";
import { readTable } from "./read";
import { asTsv, tableOf } from "./write";

const WORDS = { corner: "Mốc", north: "X (m)", east: "Y (m)", edge: "Cạnh (m)", part: "Phần", hole: "lỗ" };
const HCMC = [106.3, 10.3, 107.1, 11.2] as const;
const read = (text: string) => {
  const table = readTable(text);
  return { ...table, pairs: table.rings.map((ring) => ring.corners.map((corner) => [corner.north, corner.east])) };
};
const SQUARE = [[1_191_000.123, 603_000.456], [1_191_010.123, 603_000.456], [1_191_010.123, 603_005.456], [1_191_000.123, 603_005.456]];

describe("a pasted corner table", () => {
  const written: [string, string][] = [
    ["tabs and points", "1\t1191000.123\t603000.456\n2\t1191010.123\t603000.456\n3\t1191010.123\t603005.456\n4\t1191000.123\t603005.456"],
    ["semicolons and commas", "M1;1191000,123;603000,456;10,00\nM2;1191010,123;603000,456;5,00\nM3;1191010,123;603005,456;10,00\nM4;1191000,123;603005,456;5,00"],
    ["spaces, thousands by points, corner numbers, and the first corner again", "1 1.191.000,123 603.000,456\n2 1.191.010,123 603.000,456\n3 1.191.010,123 603.005,456\n4 1.191.000,123 603.005,456\n1 1.191.000,123 603.000,456"],
    ["thousands by spaces, without numbers", "1 191 000,123 603 000,456\n1 191 010,123 603 000,456\n1 191 010,123 603 005,456\n1 191 000,123 603 005,456"],
    ["thousands by commas in cells of their own", "1\t1,191,000.123\t603,000.456\n2\t1,191,010.123\t603,000.456\n3\t1,191,010.123\t603,005.456\n4\t1,191,000.123\t603,005.456"],
    ["commas between cells", "1,1191000.123,603000.456\n2,1191010.123,603000.456\n3,1191010.123,603005.456\n4,1191000.123,603005.456"],
    ["a heading of two lines and lengths on lines of their own", "Số hiệu\tTọa độ\t\tCạnh (m)\nđiểm\tX (m)\tY (m)\t\n1\t1191000.123\t603000.456\n\t\t\t10.00\n2\t1191010.123\t603000.456\n\t\t\t5.00\n3\t1191010.123\t603005.456\n\n4\t1191000.123\t603005.456"],
  ];
  it.each(written)("with %s", (_, text) => {
    const table = read(text);
    expect(table.pairs).toEqual([SQUARE]);
    expect(table.problems).toEqual([]);
    expect(table.swapped).toBe(false);
  });
  it("keeps corner numbers and stated lengths", () => {
    const [ring] = read("M1;1191000,123;603000,456;10,00\nM2;1191010,123;603000,456;5,00").rings;
    expect(ring?.corners.map((corner) => corner.number)).toEqual(["M1", "M2"]);
    expect(ring?.corners[0]?.edge).toEqual({ metres: 10, decimals: 2 });
  });
  it("takes whole numbers whose thousands are parted", () => {
    expect(read("1.191.000 603.000\n1.191.010 603.005").pairs).toEqual([[[1_191_000, 603_000], [1_191_010, 603_005]]]);
  });
  it("notices columns the other way round by their range, and whether the heading says so", () => {
    const table = read("603000.456\t1191000.123\n603000.456\t1191010.123");
    expect(table.swapped).toBe(true);
    expect(table.orderNamed).toBe(false);
    expect(table.pairs).toEqual([SQUARE.slice(0, 2)]);
    expect(readTable("Y (đông)\tX (bắc)\n603000.456\t1191000.123").orderNamed).toBe(true);
  });
  it("names each line that it cannot use, with its number", () => {
    const table = read("1\t1191000.123\t603000.456\n2\t1191010.123\tbị nhòe\n3\t603005.456\t1191010.123\n4\t1191000.123\t603005.456\nNguyễn Văn A\n5\t19191000\t6030000\n6\t1191000.123\t603001.456");
    expect(table.problems.map(({ line, rule }) => [line, rule])).toEqual([[2, "one_coordinate"], [3, "other_order"], [5, "unreadable"], [6, "out_of_range"]]);
    expect(table.problems[0]?.text).toBe("2\t1191010.123\tbị nhòe");
    expect(table.pairs[0]).toHaveLength(4);
  });
  it("never throws, whatever is pasted", () => {
    for (const text of ["", "\n\n", "....", "1\t\t\t", "x".repeat(10_000), "Phần 9, lỗ 9", "NaN Infinity", "1e6 6e5"]) expect(() => readTable(text)).not.toThrow();
  });
});

describe("the corners of a table", () => {
  it("make the polygon with its legal area, and lengths that are not so are named", () => {
    const table = readTable("1 1191000.123 603000.456 10.00\n2 1191010.123 603000.456 5.20\n3 1191010.123 603005.456 10.01\n4 1191000.123 603005.456 5.00");
    const placed = placeTable(table, 9210, "polygon", HCMC);
    expect(placed.outside).toBeNull();
    expect(areaOf(placed.sketch!, planeOf(9210, placed.sketch!.parts[0]![0]![0]!))).toBeCloseTo(50, 5);
    expect(placed.edges.map(({ line, number, stated }) => [line, number, stated])).toEqual([[2, "2", 5.2]]);
    expect(placed.edges[0]?.computed).toBeCloseTo(5, 6);
  });
  it("outside the place name the zone in which they would be inside", () => {
    const placed = placeTable(readTable("1191000 603000\n1191010 603000\n1191010 603010"), 9217, "polygon", HCMC);
    expect(placed.outside?.fits).toContain(9210);
    expect(placed.outside?.fits).not.toContain(9217);
  });
});

describe("table in, table out", () => {
  const rounds = (text: string) => {
    const placed = placeTable(readTable(text), 9210, "polygon", HCMC);
    return asTsv(tableOf(placed.sketch!, planeOf(9210, placed.sketch!.parts[0]![0]![0]!)), WORDS, ",");
  };
  it("is the same to the last character", () => {
    const table = "Mốc\tX (m)\tY (m)\tCạnh (m)\n1\t1191000,123\t603000,456\t10,000\n2\t1191010,123\t603000,456\t5,000\n3\t1191010,123\t603005,456\t10,000\n4\t1191000,123\t603005,456\t5,000";
    expect(rounds(table)).toBe(table);
  });
  it("with a hole and a second part", () => {
    const table = [
      "Mốc\tX (m)\tY (m)\tCạnh (m)", "Phần 1", "1\t1191000,000\t603000,000\t30,000", "2\t1191030,000\t603000,000\t40,000", "3\t1191030,000\t603040,000\t50,000",
      "Phần 1, lỗ 1", "1\t1191026,000\t603005,000\t3,000", "2\t1191029,000\t603005,000\t4,000", "3\t1191029,000\t603009,000\t5,000",
      "Phần 2", "1\t1191100,001\t603100,002\t3,000", "2\t1191103,001\t603100,002\t4,000", "3\t1191103,001\t603104,002\t5,000",
    ].join("\n");
    expect(rounds(table)).toBe(table);
  });
  it("a thousand times, everywhere in the zone, to the millimetre and through GeoJSON", () => {
    let seed = 7;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let i = 0; i < 1000; i++) {
      const north = Math.round(900_000_000 + random() * 1_700_000_000) / 1000, east = Math.round(330_000_000 + random() * 340_000_000) / 1000;
      const corners = [[north, east], [north + 11.037, east + 0.519], [north + 9.871, east + 4.203]];
      const placed = placeTable(readTable(corners.map(([n, e]) => `${n!.toFixed(3)}\t${e!.toFixed(3)}`).join("\n")), 9210, "polygon", null);
      const [ring] = placed.sketch!.parts[0]!;
      const through = sketchOf(JSON.parse(JSON.stringify({ type: "Polygon", coordinates: [[...ring!, ring![0]]] })))!;
      const out = tableOf(through, planeOf(9210, ring![0]!))[0]!.rows.map((row) => [row.north.toFixed(3), row.east.toFixed(3)]);
      expect(out).toEqual(corners.map(([n, e]) => [n!.toFixed(3), e!.toFixed(3)]));
    }
  });
});
