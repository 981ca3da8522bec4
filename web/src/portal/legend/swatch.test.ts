import type { LayerSpecification } from "maplibre-gl";
import { expect, it } from "vitest";
import { firstZoom, lookOf } from "./swatch";

const style: LayerSpecification[] = [
  { id: "zone", type: "fill", source: "plan", "source-layer": "zone", minzoom: 12, paint: { "fill-color": ["match", ["get", "code"], "ODT", "#ffa0ff", "#e4e4e0"] } },
  { id: "zone-edge", type: "line", source: "plan", "source-layer": "zone", minzoom: 13, paint: { "line-color": "#123456", "line-dasharray": [2, 1] } },
  { id: "lamp-cluster", type: "circle", source: "assets", "source-layer": "lamp", minzoom: 14, paint: { "circle-color": "#ffffff" } },
  { id: "lamp", type: "circle", source: "assets", "source-layer": "lamp", minzoom: 16, paint: { "circle-color": ["match", ["get", "state"], ["sang", "bao_tri"], "#f2c84b", "#dddddd"], "circle-stroke-color": "#7a5c0b" } },
];

it("a swatch shows the colours that the map uses", () => {
  expect(lookOf(style, "zone")).toEqual({ fill: "#ffa0ff", line: "#123456", dash: true, dot: null, text: null, byKind: true, opacity: 1, marks: new Map() });
  expect([...lookOf(style, "lamp").marks]).toEqual([["sang", "#f2c84b"], ["bao_tri", "#f2c84b"]]);
  expect(lookOf(style, "lamp").dot).toEqual({ fill: "#f2c84b", line: "#7a5c0b" });
});

it("a layer is seen from its first zoom", () => expect(firstZoom(style, "lamp")).toBe(14));
