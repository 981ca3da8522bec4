import { describe, expect, it } from "vitest";
import { Neighbourhood } from "./neighbourhood";

const point = (layer: string, id: string, version: number, lon: number): GeoJSON.Feature =>
  ({ type: "Feature", properties: { layer, id, version }, geometry: { type: "Point", coordinates: [lon, 10.001] } });

describe("what is around the hand", () => {
  it("is asked once for each cell, layer by layer where a cell is too full", async () => {
    const asked: string[] = [];
    const around = new Neighbourhood(() => ["tree", "parcel"], () => undefined, (layers) => {
      asked.push(layers.join("+"));
      return Promise.resolve({ features: layers.map((layer) => point(layer, `${layer}-1`, 1, 106.001)), more: layers.length > 1 });
    });
    await Promise.all([around.load([106.001, 10.001, 106.001, 10.001]), around.load([106.0011, 10.001, 106.0011, 10.001])]);
    expect(asked).toEqual(["tree+parcel", "tree", "parcel"]);
    expect(around.isHere([106.001, 10.001])).toBe(true);
    expect(around.all(null)).toHaveLength(2);
  });
  it("puts the same layer first, leaves out what is edited, and knows what was changed here", async () => {
    let version = 1;
    const around = new Neighbourhood(() => ["tree", "parcel"], () => undefined, () =>
      Promise.resolve({ features: [point("tree", "t", version, 106.001), point("parcel", "p", version, 106.001)], more: false }));
    await around.load([106.001, 10.001, 106.001, 10.001]);
    expect(around.all({ layer: "parcel", id: null }).map((one) => one.layer)).toEqual(["parcel", "tree"]);
    expect(around.all({ layer: "parcel", id: "p" }).map((one) => one.layer)).toEqual(["tree"]);
    around.override({ layer: "tree", id: "t", version: 1, multi: false, sketch: { kind: "point", parts: [[[[1, 2]]]] } });
    expect(around.all({ layer: "parcel", id: "p" })[0]?.sketch.parts).toEqual([[[[1, 2]]]]);
    // Undone or dropped: the server's shape again.
    around.replaceOurs([]);
    expect(around.all({ layer: "parcel", id: "p" })[0]?.sketch.parts).toEqual([[[[106.001, 10.001]]]]);
    version = 2;
    around.forget(true);
    await around.load([106.001, 10.001, 106.001, 10.001]);
    expect(around.all(null).map((one) => one.version)).toEqual([2, 2]);
  });
  it("asks the others when one layer is refused", async () => {
    const around = new Neighbourhood(() => ["tree", "gone"], () => undefined, (layers) =>
      layers.includes("gone") ? Promise.reject(new Error("404")) : Promise.resolve({ features: [point("tree", "t", 1, 106.001)], more: false }));
    await around.load([106.001, 10.001, 106.001, 10.001]);
    expect(around.all(null)).toHaveLength(1);
    expect(around.isHere([106.001, 10.001])).toBe(true);
  });
  it("goes on without an answer", async () => {
    const around = new Neighbourhood(() => ["tree"], () => undefined, () => Promise.reject(new Error("no line")));
    await around.load([106.001, 10.001, 106.001, 10.001]);
    expect(around.all(null)).toEqual([]);
  });
});
