import { describe, expect, it } from "vitest";
import { readPermalink, writePermalink, type Permalink } from "./permalink";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";

describe("a permalink", () => {
  it("reads back as it was written", () => {
    const link: Permalink = {
      view: { zoom: 17.25, lat: 10.776123, lon: 106.701234 },
      selection: { kind: "parcel", id },
      near: { lat: 10.7761, lon: 106.7012 },
      on: ["water_pipe"],
      off: ["tree", "permit"],
      lang: "en",
    };
    expect(readPermalink(writePermalink(link))).toEqual(link);
  });
  it("reads a spot without a view", () => {
    expect(readPermalink("#at=10.77,106.7")).toMatchObject({ view: null, selection: { kind: "point", lat: 10.77, lon: 106.7 } });
  });
  it("leaves out what is no place, no id and no layer", () => {
    expect(readPermalink("#99/10/106&parcel=<script>&on=a;b&lang=fr")).toEqual({ view: null, selection: null, near: null, on: [], off: [], lang: null });
    expect(readPermalink("#16//106").view).toBeNull();
  });
  it("of nothing is nothing", () => {
    expect(writePermalink(readPermalink(""))).toBe("");
  });
});
