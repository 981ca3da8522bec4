// Names: streets, places, wards, provinces, the country and its seas. Later here wins over earlier.
import { groundNames } from "./layers_ground.mjs";
import { planNames } from "./layers_plan.mjs";
import { fade, isOne, MEDIUM, onPaper, REGULAR, SEMIBOLD } from "./words.mjs";

const admin = (sourceLayer) => ({ source: "admin", "source-layer": sourceLayer });
const level = (n) => ["==", ["get", "level"], n];
/** Marks that the country source draws itself, so that data never doubles or replaces them. */
/** Bus stops, banks and restaurants: many, and wanted only by who stands near. */
const isMinor = ["in", ["get", "kind"], ["literal", ["ga_ben", "an_uong", "ngan_hang", "khac"]]];
const ownMarks = ["in", ["get", "kind"], ["literal", ["quan_dao", "dao", "bien", "thanh_pho"]]];

export function places() {
  return [
    { id: "ward-edge", type: "line", ...admin("admin_unit"), minzoom: 9, filter: level(2), layout: { "line-join": "round" }, paint: { "line-color": "#8F8A9C", "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.4, 13, 1, 17, 1.6], "line-dasharray": [5, 2, 1, 2], "line-opacity": fade(9, 0.8) } },
    { id: "province-edge-tint", type: "line", ...admin("admin_unit"), minzoom: 4, filter: level(1), layout: { "line-join": "round" }, paint: { "line-color": "#B7AFC4", "line-width": ["interpolate", ["linear"], ["zoom"], 4, 1, 8, 4, 14, 8], "line-opacity": 0.22 } },
    { id: "province-edge", type: "line", ...admin("admin_unit"), filter: level(1), layout: { "line-join": "round" }, paint: { "line-color": "#857D94", "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.5, 8, 1, 14, 1.8] } },
    ...planNames(),
    {
      id: "address-number", type: "symbol", source: "address", "source-layer": "address", minzoom: 18.5, filter: isOne,
      layout: { "text-font": REGULAR, "text-size": ["interpolate", ["linear"], ["zoom"], 17.5, 9.5, 20, 12], "text-field": ["get", "number"], "text-padding": 6 }, paint: { ...onPaper("#2F5568", 1), "text-opacity": fade(18.5) },
    },
    {
      id: "place-minor-name", type: "symbol", ...admin("place"), minzoom: 17, filter: ["all", isOne, ["!", ownMarks], isMinor],
      layout: { "text-font": REGULAR, "text-size": 10.5, "text-max-width": 8, "text-padding": 20, "text-field": ["get", "name"], "text-variable-anchor": ["center", "top", "bottom"] }, paint: { ...onPaper("#6A655F", 1.1), "text-opacity": fade(17, 0.9) },
    },
    {
      // Soon in full ink: a name that is half there is read by nobody.
      id: "place-name", type: "symbol", ...admin("place"), minzoom: 14.75, filter: ["all", isOne, ["!", ownMarks], ["!", isMinor]],
      layout: { "text-font": REGULAR, "text-size": 11, "text-max-width": 8, "text-padding": 14, "text-field": ["get", "name"], "text-variable-anchor": ["center", "top", "bottom"] }, paint: { ...onPaper("#4A453F"), "text-opacity": ["interpolate", ["linear"], ["zoom"], 14.75, 0, 15.05, 1] },
    },
    ...groundNames(),
    {
      id: "ward-name", type: "symbol", source: "ward_names", "source-layer": "admin_unit", minzoom: 9.25, maxzoom: 16, filter: level(2),
      layout: { "text-font": MEDIUM, "text-size": ["interpolate", ["linear"], ["zoom"], 9.25, 10, 14, 14], "text-max-width": 7, "text-padding": ["interpolate", ["linear"], ["zoom"], 9.25, 4, 13, 5, 15, 12], "text-field": ["coalesce", ["get", "short_name"], ["get", "name"]] },
      paint: { ...onPaper("#5D5570"), "text-opacity": ["interpolate", ["linear"], ["zoom"], 9.25, 0, 9.6, 1, 14.5, 1, 16, 0] },
    },
  ];
}

/** `name` in Vietnamese; the page swaps it for `name_en` with the language. */
const NAME = ["get", "name"];
const always = { "text-allow-overlap": true, "text-ignore-placement": false };
const of = (kind) => ["==", ["get", "kind"], kind];

export function country() {
  return [
    {
      id: "country-island", type: "circle", source: "country", minzoom: 4, filter: of("island"),
      paint: { "circle-color": "#FBFAF7", "circle-stroke-color": "#6C6480", "circle-stroke-width": 1, "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 1.2, 8, 2.6, 11, 3.4] },
    },
    { id: "country-island-name", type: "symbol", source: "country", minzoom: 6.5, filter: of("island"), layout: { "text-font": REGULAR, "text-size": 11, "text-anchor": "top", "text-offset": [0, 0.5], "text-field": NAME }, paint: { ...onPaper("#4B4560"), "text-opacity": ["interpolate", ["linear"], ["zoom"], 6.5, 0, 7, 1] } },
    {
      // One name a province, on its largest part: taken from the tiles, each islet would repeat it. Those named after their city carry the city's mark.
      id: "country-province", type: "symbol", source: "country", minzoom: 5.5, maxzoom: 11, filter: of("province"),
      layout: { "text-font": MEDIUM, "text-size": ["interpolate", ["linear"], ["zoom"], 5.5, 10, 9, 15], "text-max-width": 7, "text-padding": 6, "text-field": NAME },
      paint: { ...onPaper("#3B494F", 2), "text-opacity": ["interpolate", ["linear"], ["zoom"], 5.5, 0, 6, 1, 9.5, 1, 11, 0] },
    },
    { id: "country-neighbour", type: "symbol", source: "country", maxzoom: 8, filter: of("neighbour"), layout: { "text-font": REGULAR, "text-size": 11, "text-letter-spacing": 0.12, "text-transform": "uppercase", "text-field": NAME }, paint: { "text-color": "#8A9094", "text-halo-color": "#FBFAF7", "text-halo-width": 1 } },
    { id: "country-city-dot", type: "circle", source: "country", minzoom: 4, maxzoom: 11, filter: of("city"), paint: { "circle-color": "#FBFAF7", "circle-stroke-color": "#1F2A30", "circle-stroke-width": 1.4, "circle-radius": 2.4 } },
    {
      // Beside its mark where the sea is free, else on the land: a name is never given up for another name.
      id: "country-city", type: "symbol", source: "country", minzoom: 4, maxzoom: 11, filter: of("city"),
      layout: { "text-font": SEMIBOLD, "text-size": ["interpolate", ["linear"], ["zoom"], 4, 11, 8, 14], "text-variable-anchor": ["left", "right", "bottom", "top"], "text-radial-offset": 0.5, "text-justify": "auto", "text-padding": 1, "text-field": NAME },
      paint: { ...onPaper("#1F2A30", 2.6), "text-halo-blur": 0, "text-opacity": ["interpolate", ["linear"], ["zoom"], 10, 1, 11, 0] },
    },
    {
      id: "country-name", type: "symbol", source: "country", minzoom: 3, maxzoom: 8, filter: of("country"),
      layout: { ...always, "text-font": SEMIBOLD, "text-size": ["interpolate", ["linear"], ["zoom"], 3, 8.5, 5, 13, 8, 20], "text-letter-spacing": 0.16, "text-line-height": 1.15, "text-max-width": 1, "text-transform": "uppercase", "text-field": NAME },
      paint: { ...onPaper("#4B4560", 3), "text-halo-blur": 0 },
    },
    {
      id: "country-sea", type: "symbol", source: "country", minzoom: 3, maxzoom: 10, filter: of("sea"),
      layout: { ...always, "text-font": MEDIUM, "text-size": ["interpolate", ["linear"], ["zoom"], 3, 9.5, 5, 17, 8, 26], "text-letter-spacing": 0.3, "text-transform": "uppercase", "text-field": NAME },
      paint: { "text-color": "#2F6478", "text-halo-color": "#D6E7ED", "text-halo-width": 1.2 },
    },
    {
      id: "country-archipelago", type: "symbol", source: "country", minzoom: 3, maxzoom: 12, filter: of("archipelago"),
      layout: { ...always, "text-font": SEMIBOLD, "text-size": ["interpolate", ["linear"], ["zoom"], 3, 9.5, 5, 12, 8, 15], "text-max-width": 8, "text-line-height": 1.15, "text-field": ["format", NAME, {}, "\n", {}, ["get", "of"], { "font-scale": 0.82 }] },
      paint: { "text-color": "#1F2A30", "text-halo-color": "#D6E7ED", "text-halo-width": 1.6 },
    },
  ];
}
