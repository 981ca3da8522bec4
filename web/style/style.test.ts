import { readFileSync } from "node:fs";
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { describe, expect, it } from "vitest";
// @ts-expect-error the style's parts are plain JavaScript
import { style, written } from "./build.mjs";
import { sizeAt } from "../src/kit/map/seaNames";
import { zoomOf } from "../src/portal/print/scale";

const checkedIn = readFileSync(new URL("../../src/tiles_http/styles/city.json", import.meta.url), "utf8");

describe("the map style", () => {
  it("is what its parts say: run `npm run style` after a change", () => expect(checkedIn).toBe(written()));

  it("is valid by the specification", () => expect(validateStyleMin(JSON.parse(checkedIn))).toEqual([]));

  it("asks nothing of any other host", () => {
    expect(checkedIn.match(/https?:\/\/[^"]+/g) ?? []).toEqual([]);
  });

  it("names Hoàng Sa, Trường Sa and Biển Đông by itself, at every country zoom", () => {
    const { sources, layers } = style();
    const names = sources.country.data.features.map((feature: { properties: { name: string } }) => feature.properties.name);
    expect(names).toEqual(expect.arrayContaining(["Quần đảo Hoàng Sa", "Quần đảo Trường Sa", "Biển Đông"]));
    for (const id of ["country-archipelago", "country-sea"]) {
      const layer = layers.find((one: { id: string }) => one.id === id);
      expect(layer.minzoom).toBeLessThanOrEqual(4);
      expect(layer.maxzoom).toBeGreaterThanOrEqual(8);
      expect(layer.layout["text-allow-overlap"]).toBe(true);
    }
  });

  it("prints plot numbers in full ink at 1:1000, from Cà Mau to Hà Giang", () => {
    const numbers = style().layers.find((one: { id: string }) => one.id === "parcel-number");
    for (const lat of [8.6, 23.4]) expect(sizeAt(numbers.paint["text-opacity"], zoomOf(1000, lat))).toBe(1);
  });

  it("names the country like its neighbours, and no province twice", () => {
    const features: { properties: { kind: string; name: string } }[] = style().sources.country.data.features;
    const named = (kind: string) => features.filter((feature) => feature.properties.kind === kind).map((feature) => feature.properties.name);
    expect(named("country")).toEqual(["Việt Nam"]);
    const units = [...named("province"), ...named("city")];
    expect(new Set(units).size).toBe(34);
    expect(units).toHaveLength(34);
  });
});
