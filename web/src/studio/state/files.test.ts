import { describe, expect, it } from "vitest";
import type { Schema } from "../api";
import { csvHead, csvLines } from "./files";
import type { Row } from "./work";

const row: Row = { layer: "parcel", id: "a", version: 1, values: { number: "9", note: "=1+1", name: 'a "b", c' }, shape: null };

describe("files", () => {
  it("quote cells, and defuse texts that a spreadsheet would run", () => {
    const schema = { "x-order": ["number", "note", "name"] } as unknown as Schema;
    expect(csvHead(schema) + csvLines([row], schema)).toBe('\ufeffid,number,note,name\r\na,9,\'=1+1,"a ""b"", c"\r\n');
  });
});
