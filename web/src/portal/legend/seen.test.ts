import { expect, it } from "vitest";
import type { CatalogLayer } from "../../kit/api/types";
import { bySight, entriesSeen } from "./seen";

const layer = (name: string, values: string[]): CatalogLayer => ({
  name, title: { vi: name, en: name }, group: "land", geometry: "multipolygon", detail_zoom: 14, legal: false, generated: true, attributes: [],
  legend: values.map((value) => ({ value, title: { vi: value, en: value }, colour: "#ffa0ff" })),
});

it("a legend begins with what is in sight, and names only the kinds that are", () => {
  const zones = layer("planning_zone", ["o_moi", "hon_hop"]), pipes = layer("water_pipe", ["chinh"]);
  const seen = new Map([["planning_zone", new Set(["hon_hop", "HH104"])]]);
  expect(bySight([pipes, zones], seen)).toEqual({ here: [zones], elsewhere: [pipes] });
  expect(entriesSeen(zones, seen).map((entry) => entry.value)).toEqual(["hon_hop"]);
});
