// What may be built: zones in the regulation's colours, planning lines, protected strips, plots.
import { coloursOf, darker, laidOver, matchColour } from "./colours.mjs";
import { fade, HIDDEN, isOne, MEDIUM, onPaper, REGULAR } from "./words.mjs";

const plan = (sourceLayer) => ({ source: "plan", "source-layer": sourceLayer });
const kind = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];

const STREET = "DGT", WATERS = ["SON", "MNC", "MCS"];

/** Land-use code first, as the regulation draws it; where a zone has none, the plan's own function. */
function zoneLine() {
  const byFunction = matchColour("function", coloursOf("planning_function"), "#8B9594", darker);
  return matchColour("land_use", coloursOf("land_use"), byFunction, darker);
}

/**
 * The same colours over paper, opaque: where plans of several levels lie on each other the detailed one is seen, not a sum.
 * Streets and water are drawn as themselves, so their zones only tint.
 */
function zoneFill() {
  const byFunction = matchColour("function", coloursOf("planning_function"), "#F1F0EC", (colour) => laidOver(colour, 0.46));
  const tinted = new Map([...coloursOf("land_use")].map(([code, colour]) => {
    if (code === STREET) return [code, laidOver(colour, 0.16)];
    return [code, WATERS.includes(code) ? laidOver(colour, 0.25, "#CFE3EA") : laidOver(colour, 0.46)];
  }));
  return matchColour("land_use", tinted, byFunction);
}

export function planning(part) {
  return part === "areas" ? areas() : lines();
}

function areas() {
  return [
    {
      id: "planning-zone", type: "fill", ...plan("planning_zone"), minzoom: 11.5,
      paint: { "fill-color": zoneFill(), "fill-opacity": fade(11.5), "fill-antialias": false },
    },
    {
      // With the codes, not before: plans of several levels lie on each other, and an edge without a name explains nothing.
      id: "planning-zone-edge", type: "line", ...plan("planning_zone"), minzoom: 15.5, filter: isOne, layout: { "line-join": "round" },
      paint: { "line-color": zoneLine(), "line-width": ["interpolate", ["linear"], ["zoom"], 15.5, 0.6, 16, 0.9, 19, 1.6], "line-opacity": ["interpolate", ["linear"], ["zoom"], 15.5, 0, 16, 0.6, 17, 0.75] },
    },
    {
      id: "protection-area", type: "fill", ...plan("protection_area"), minzoom: 13,
      paint: { "fill-color": matchColour("kind", coloursOf("protection_kind"), "#C9CED2"), "fill-opacity": fade(13, 0.16), "fill-antialias": false },
    },
    {
      id: "protection-area-edge", type: "line", ...plan("protection_area"), minzoom: 13,
      paint: { "line-color": matchColour("kind", coloursOf("protection_kind"), "#8B9594", darker), "line-width": 1, "line-dasharray": [1.5, 2], "line-opacity": fade(13, 0.9) },
    },
    { id: "plan", type: "line", ...plan("plan"), minzoom: 10, layout: HIDDEN, paint: { "line-color": "#0F6B6B", "line-width": 1.6, "line-dasharray": [8, 2, 2, 2], "line-opacity": fade(10) } },
    { id: "land-price", type: "line", source: "land_price", "source-layer": "land_price", minzoom: 14, layout: HIDDEN, paint: { "line-color": "#7A6BA3", "line-width": 3, "line-opacity": fade(14, 0.55) } },
  ];
}

function lines() {
  const line = (id, kinds, minzoom, paint) => ({ id: `planning-line-${id}`, type: "line", ...plan("planning_line"), minzoom, filter: kind(...kinds), layout: { "line-join": "round" }, paint: { ...paint, "line-opacity": fade(minzoom, paint["line-opacity"] ?? 1) } });
  const width = (a, b) => ["interpolate", ["linear"], ["zoom"], 14, a, 18, b];
  return [
    line("reserve", ["lo_gioi"], 14.5, { "line-color": "#D98A7A", "line-width": ["interpolate", ["exponential", 2], ["zoom"], 14, 2, 18, 9], "line-opacity": 0.18 }),
    line("way", ["lo_gioi"], 15, { "line-color": "#A65E52", "line-width": width(0.6, 1.2) }),
    line("axis", ["tim_duong"], 15, { "line-color": "#7B878D", "line-width": width(0.5, 1), "line-dasharray": [10, 3, 2, 3] }),
    line("project", ["ranh_du_an", "hanh_lang"], 14, { "line-color": "#4C7F9E", "line-width": width(0.8, 1.5), "line-dasharray": [6, 2, 1.5, 2] }),
    line("building", ["chi_gioi_xay_dung"], 15.5, { "line-color": "#B26A00", "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.6, 18, 1.6], "line-dasharray": [3, 2.2] }),
    line("red", ["chi_gioi_duong_do"], 14.5, { "line-color": "#C4281E", "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.5, 16, 0.9, 18, 2], "line-dasharray": [5, 2] }),
  ];
}

export function parcels() {
  const parcel = { source: "parcel", "source-layer": "parcel" };
  return [
    { id: "parcel", type: "fill", ...parcel, minzoom: 14.5, paint: { "fill-color": "#FBFAF7", "fill-opacity": 0 } },
    {
      id: "parcel-edge", type: "line", ...parcel, minzoom: 14.5, filter: isOne, layout: { "line-join": "round" },
      paint: { "line-color": "#6F5F55", "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.25, 17, 0.6, 20, 1.2], "line-opacity": ["interpolate", ["linear"], ["zoom"], 14.5, 0, 15.5, 0.4, 17, 0.7] },
    },
  ];
}

export function planNames() {
  return [
    {
      id: "parcel-number", type: "symbol", source: "parcel", "source-layer": "parcel", minzoom: 17.5, filter: isOne,
      layout: { "text-font": REGULAR, "text-field": ["to-string", ["get", "number"]], "text-size": ["interpolate", ["linear"], ["zoom"], 17.5, 8.5, 20, 12], "text-padding": 3 },
      paint: { ...onPaper("#5A4C43", 1), "text-opacity": fade(17.5) },
    },
    {
      id: "planning-zone-code", type: "symbol", ...plan("planning_zone"), minzoom: 15.5, filter: isOne,
      layout: {
        "text-font": MEDIUM, "text-max-width": 8, "text-padding": 14, "symbol-sort-key": 1,
        "text-field": ["format", ["coalesce", ["get", "land_use"], ""], {}, "\n", {}, ["coalesce", ["get", "zone_code"], ""], { "font-scale": 0.85, "text-font": ["literal", REGULAR] }],
        "text-size": ["interpolate", ["linear"], ["zoom"], 15.5, 10.5, 19, 13],
      },
      paint: { ...onPaper("#5B2F55"), "text-opacity": fade(15.5) },
    },
    {
      id: "planning-line-width", type: "symbol", ...plan("planning_line"), minzoom: 16.5, filter: ["all", kind("lo_gioi", "chi_gioi_duong_do", "tim_duong"), ["has", "road_width_m"]],
      layout: { "symbol-placement": "line", "symbol-spacing": 420, "text-font": REGULAR, "text-size": 10.5, "text-offset": [0, 0.8], "text-field": ["concat", "lộ giới ", ["number-format", ["get", "road_width_m"], { locale: "vi", "max-fraction-digits": 1 }], " m"] },
      paint: { ...onPaper("#A3261C"), "text-opacity": fade(16.5) },
    },
    {
      id: "plan-name", type: "symbol", ...plan("plan"), minzoom: 12, maxzoom: 16, layout: { ...HIDDEN, "symbol-placement": "line", "text-font": REGULAR, "text-size": 11, "text-field": ["get", "name"] }, paint: onPaper("#0F6B6B"),
    },
  ];
}
