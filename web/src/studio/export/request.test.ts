import { describe, expect, it } from "vitest";
import { formatsOf, nameIn, orderOf } from "./request";

describe("exports", () => {
  it("take what is selected, else what is filtered", () => {
    const asked = { q: " lê lợi ", filter: [["area_m2", ">=", 100] as [string, string, unknown]], sort: "-number" };
    expect(orderOf("gpkg", ["a", "b"], asked, null)).toEqual({ format: "gpkg", ids: ["a", "b"] });
    expect(orderOf("shp", [], asked, null)).toEqual({ format: "shp", q: "lê lợi", filter: asked.filter, sort: "-number" });
    expect(orderOf("shp", [], { q: "", filter: [] }, "hồ sơ 12")).toEqual({ format: "shp", private: true, purpose: "hồ sơ 12" });
  });

  it("offer what the layer can be written as", () => {
    expect(formatsOf("multipolygon")).toEqual(["gpkg", "shp", "dxf", "geojson"]);
    expect(formatsOf("any")).not.toContain("shp");
    expect(formatsOf("none")).not.toContain("dxf");
    expect(formatsOf(null)).not.toContain("dxf");
  });

  it("have the name that the server gave", () => {
    expect(nameIn('attachment; filename="parcel-vn2000-9210-2026-11-23.gpkg"')).toBe("parcel-vn2000-9210-2026-11-23.gpkg");
    expect(nameIn(null)).toBeNull();
  });
});
