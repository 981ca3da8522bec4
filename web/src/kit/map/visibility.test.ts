import type { LayerSpecification } from "maplibre-gl";
import { expect, it } from "vitest";
import { layersOf, switched, visibilityOf } from "./visibility";

const style: LayerSpecification[] = [
  { id: "paper", type: "background" },
  { id: "tree", type: "circle", source: "assets", "source-layer": "tree" },
  { id: "pipe", type: "line", source: "water", "source-layer": "water_pipe", layout: { visibility: "none" } },
];

it("the style says what is on at first", () => {
  expect([...layersOf(style)]).toEqual([["tree", true], ["water_pipe", false]]);
});

it("switches win over the style", () => {
  expect(visibilityOf(style, new Set(["water_pipe"]), new Set(["tree"]))).toEqual([["tree", "none"], ["pipe", "visible"]]);
  expect(visibilityOf(style, new Set(), new Set())).toEqual([["tree", "visible"], ["pipe", "none"]]);
});

it("a link holds only what differs from the beginning", () => {
  const off = switched({ on: [], off: [] }, "tree", true, false);
  expect(off).toEqual({ on: [], off: ["tree"] });
  expect(switched(off, "tree", true, true)).toEqual({ on: [], off: [] });
  expect(switched(off, "water_pipe", false, true)).toEqual({ on: ["water_pipe"], off: ["tree"] });
});
