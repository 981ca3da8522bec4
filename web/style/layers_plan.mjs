// What may be built: zones in the regulation's colours, planning lines, protected strips, plots.
import { coloursOf, darker, laidOver, matchColour } from "./colours.mjs";
import { fade, HIDDEN, isOne, MEDIUM, onPaper, REGULAR } from "./words.mjs";

const plan = (sourceLayer) => ({ source: "plan", "source-layer": sourceLayer });
const kind = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];

const STREETS = ["DGT", "giao_thong"], WATERS = ["SON", "MNC", "MCS", "mat_nuoc"];

/** Functions that say nothing of their own: there the land-use code speaks. */
const VAGUE = ["khac"];
const functions = () => new Map([...coloursOf("planning_function")].filter(([code]) => !VAGUE.includes(code)));

/** The plan's own function first, as its legend names it: mixed use is not commerce. Where a plan gives none, the land-use code. */
function zoneLine() {
  const byLandUse = matchColour("land_use", coloursOf("land_use"), "#8B9594", darker);
  return matchColour("function", functions(), byLandUse, darker);
}

/** Zones of general plans are seen from afar; close by, the detailed plans speak. */
const GENERAL = ["==", ["get", "plan_level"], "chung"];
const isDetailed = ["!", GENERAL];
const isGround = ["in", ["get", "function"], ["literal", ["giao_thong", "mat_nuoc"]]];

/**
 * The same colours over paper, opaque: where plans of several levels lie on each other the detailed one is seen, not a sum.
 * Streets and water are drawn as themselves, so their zones only tint.
 */
function zoneFill() {
  const tinted = (colours) => new Map([...colours].map(([code, colour]) => {
    if (STREETS.includes(code)) return [code, laidOver(colour, 0.1)];
    return [code, WATERS.includes(code) ? laidOver(colour, 0.25, "#CFE3EA") : laidOver(colour, 0.46)];
  }));
  return matchColour("function", tinted(functions()), matchColour("land_use", tinted(coloursOf("land_use")), "#F1F0EC"));
}

export function planning(part) {
  return part === "areas" ? areas() : lines();
}

function areas() {
  return [
    {
      id: "planning-zone", type: "fill", ...plan("planning_zone"), minzoom: 11.5, layout: { "fill-sort-key": ["case", GENERAL, 0, ["==", ["get", "plan_level"], "chi_tiet"], 2, 1] },
      paint: { "fill-color": zoneFill(), "fill-opacity": fade(11.5), "fill-antialias": false },
    },
    {
      // The general plan's squares: thin, pale, and gone before the zones get names.
      id: "planning-zone-general", type: "line", ...plan("planning_zone"), minzoom: 11.5, maxzoom: 15, filter: ["all", isOne, GENERAL],
      paint: { "line-color": "#A79C94", "line-width": 0.5, "line-opacity": ["interpolate", ["linear"], ["zoom"], 11.5, 0, 12, 0.35, 14, 0.35, 15, 0] },
    },
    {
      // With the codes, not before: plans of several levels lie on each other, and an edge without a name explains nothing.
      id: "planning-zone-edge", type: "line", ...plan("planning_zone"), minzoom: 15.5, filter: ["all", isOne, isDetailed, ["!", isGround]], layout: { "line-join": "round" },
      paint: { "line-color": zoneLine(), "line-width": ["interpolate", ["linear"], ["zoom"], 15.5, 0.5, 16, 0.7, 19, 1.1], "line-opacity": ["interpolate", ["linear"], ["zoom"], 15.5, 0, 16, 0.5, 17, 0.55] },
    },
    {
      id: "protection-area", type: "fill", ...plan("protection_area"), minzoom: 13,
      paint: { "fill-color": matchColour("kind", coloursOf("protection_kind"), "#C9CED2"), "fill-opacity": fade(13, 0.16), "fill-antialias": false },
    },
    {
      id: "protection-area-edge", type: "line", ...plan("protection_area"), minzoom: 13,
      paint: { "line-color": matchColour("kind", coloursOf("protection_kind"), "#8B9594", darker), "line-width": 0.8, "line-dasharray": [1.5, 3], "line-opacity": fade(13, 0.55) },
    },
    { id: "plan", type: "line", ...plan("plan"), minzoom: 10, layout: HIDDEN, paint: { "line-color": "#0F6B6B", "line-width": 1.6, "line-dasharray": [8, 2, 2, 2], "line-opacity": fade(10) } },
    { id: "land-price", type: "line", source: "land_price", "source-layer": "land_price", minzoom: 14, layout: HIDDEN, paint: { "line-color": "#7A6BA3", "line-width": 3, "line-opacity": fade(14, 0.55) } },
  ];
}

function lines() {
  const line = (id, kinds, minzoom, paint) => ({ id: `planning-line-${id}`, type: "line", ...plan("planning_line"), minzoom, filter: kind(...kinds), layout: { "line-join": "round" }, paint: { ...paint, "line-opacity": fade(minzoom, paint["line-opacity"] ?? 1) } });
  const width = (a, b) => ["interpolate", ["linear"], ["zoom"], 14, a, 18, b];
  return [
    line("reserve", ["lo_gioi"], 15.5, { "line-color": "#D98A7A", "line-width": ["interpolate", ["exponential", 2], ["zoom"], 14, 1, 18, 6], "line-opacity": 0.1 }),
    line("way", ["lo_gioi"], 16, { "line-color": "#B98278", "line-width": width(0.4, 0.8), "line-opacity": 0.7 }),
    line("axis", ["tim_duong"], 16, { "line-color": "#B4BCC0", "line-width": width(0.4, 0.7), "line-dasharray": [10, 3, 2, 3] }),
    line("project", ["ranh_du_an", "hanh_lang"], 14, { "line-color": "#4C7F9E", "line-width": width(0.8, 1.5), "line-dasharray": [6, 2, 1.5, 2] }),
    line("building", ["chi_gioi_xay_dung"], 16.5, { "line-color": "#B26A00", "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.5, 18, 1], "line-dasharray": [4, 3], "line-opacity": 0.75 }),
    line("red", ["chi_gioi_duong_do"], 14.5, { "line-color": "#C4281E", "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.4, 16, 0.6, 18, 1.2, 20, 1.8], "line-dasharray": [6, 2.5], "line-opacity": 0.85 }),
  ];
}

export function parcels() {
  const parcel = { source: "parcel", "source-layer": "parcel" };
  return [
    { id: "parcel", type: "fill", ...parcel, minzoom: 14.5, paint: { "fill-color": "#FBFAF7", "fill-opacity": 0 } },
    {
      id: "parcel-edge", type: "line", ...parcel, minzoom: 15, filter: isOne, layout: { "line-join": "round" },
      paint: { "line-color": "#6F5F55", "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.2, 17, 0.5, 20, 1], "line-opacity": ["interpolate", ["linear"], ["zoom"], 15, 0, 16, 0.35, 17, 0.5, 19, 0.7] },
    },
  ];
}

export function planNames() {
  return [
    {
      // In full ink from the zoom of a sheet at 1:1000 on: a number that is half there is read by nobody.
      id: "parcel-number", type: "symbol", source: "parcel", "source-layer": "parcel", minzoom: 17.75, filter: isOne,
      layout: { "text-font": REGULAR, "text-field": ["to-string", ["get", "number"]], "text-size": ["interpolate", ["linear"], ["zoom"], 17.75, 9.5, 20, 12.5], "text-padding": 2 },
      paint: { "text-color": "#55473E", "text-halo-color": "rgba(251,250,247,0.85)", "text-halo-width": 1, "text-opacity": ["interpolate", ["linear"], ["zoom"], 17.75, 0, 18, 1] },
    },
    {
      id: "planning-zone-code", type: "symbol", ...plan("planning_zone"), minzoom: 16, filter: ["all", isOne, isDetailed, ["!", isGround]],
      layout: {
        "text-font": MEDIUM, "text-max-width": 8, "text-padding": 24, "symbol-sort-key": 1,
        "text-field": ["format", ["case", ["==", ["get", "function"], "hon_hop"], "HH", ["coalesce", ["get", "land_use"], ""]], {}, "\n", {}, ["coalesce", ["get", "zone_code"], ""], { "font-scale": 0.85, "text-font": ["literal", REGULAR] }],
        "text-size": ["interpolate", ["linear"], ["zoom"], 16, 10, 19, 12.5],
      },
      paint: { "text-color": "#6A4A60", "text-halo-color": "rgba(251,250,247,0.75)", "text-halo-width": 1, "text-opacity": fade(16) },
    },
    {
      id: "planning-line-width", type: "symbol", ...plan("planning_line"), minzoom: 17.5, filter: ["all", kind("lo_gioi", "tim_duong"), ["has", "road_width_m"]],
      layout: { "symbol-placement": "line", "symbol-spacing": 700, "text-font": REGULAR, "text-size": 10, "text-offset": [0, 1], "text-padding": 30, "text-field": ["concat", "lộ giới ", ["number-format", ["get", "road_width_m"], { locale: "vi", "max-fraction-digits": 1 }], " m"] },
      paint: { ...onPaper("#9A5A52", 1), "text-opacity": fade(17.5) },
    },
    {
      id: "plan-name", type: "symbol", ...plan("plan"), minzoom: 12, maxzoom: 16, layout: { ...HIDDEN, "symbol-placement": "line", "text-font": REGULAR, "text-size": 11, "text-field": ["get", "name"] }, paint: onPaper("#0F6B6B"),
    },
  ];
}
