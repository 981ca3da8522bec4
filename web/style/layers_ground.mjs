// Land, water, green, streets and buildings: the quiet sheet below everything.
import { coloursOf, darker, matchColour } from "./colours.mjs";
import { fade, fadeBoth, groundWidth, HIDDEN, isOne, MEDIUM, onPaper, REGULAR } from "./words.mjs";

const SEA = "#D6E7ED", WATER = "#CFE3EA", SHORE = "#A9CBD6", GREEN = "#DCE8D2";

export function ground() {
  const landUse = coloursOf("land_use");
  return [
    { id: "sea", type: "fill", source: "sea", paint: { "fill-color": SEA, "fill-antialias": false } },
    { id: "sea-shore", type: "line", source: "sea", maxzoom: 8, paint: { "line-color": "#B9D2DB", "line-width": 0.6 } },
    { id: "province-land", type: "fill", source: "admin", "source-layer": "admin_unit", filter: ["==", ["get", "level"], 1], paint: { "fill-color": "#FBFAF7" } },
    {
      id: "green-space", type: "fill", source: "ground", "source-layer": "green_space", minzoom: 10,
      paint: { "fill-color": ["match", ["get", "kind"], "nghia_trang", "#E2E2DE", "quang_truong", "#ECEBDD", "the_thao", "#D9E8D4", GREEN], "fill-opacity": fade(10) },
    },
    { id: "green-space-edge", type: "line", source: "ground", "source-layer": "green_space", minzoom: 14, filter: isOne, paint: { "line-color": "#B6CBA2", "line-width": 0.7, "line-opacity": fade(14) } },
    { id: "water-area", type: "fill", source: "ground", "source-layer": "water_area", minzoom: 8, paint: { "fill-color": WATER } },
    { id: "water-edge", type: "line", source: "ground", "source-layer": "water_area", minzoom: 12, paint: { "line-color": SHORE, "line-width": 0.8, "line-opacity": fade(12) } },
    {
      id: "land-use", type: "fill", source: "land_use", "source-layer": "land_use", minzoom: 12, layout: HIDDEN,
      paint: { "fill-color": matchColour("code", landUse, "#E4E4E0"), "fill-opacity": fade(12, 0.5), "fill-antialias": false },
    },
    {
      id: "land-use-edge", type: "line", source: "land_use", "source-layer": "land_use", minzoom: 14, layout: HIDDEN,
      paint: { "line-color": matchColour("code", landUse, "#8B9594", darker), "line-width": 0.8, "line-opacity": fade(14, 0.8) },
    },
    {
      id: "land-use-plan", type: "fill", source: "land_use_plan", "source-layer": "land_use_plan", minzoom: 12, layout: HIDDEN,
      paint: { "fill-color": matchColour("code", landUse, "#E4E4E0"), "fill-opacity": fade(12, 0.5), "fill-antialias": false },
    },
    {
      id: "land-use-plan-edge", type: "line", source: "land_use_plan", "source-layer": "land_use_plan", minzoom: 13, layout: HIDDEN,
      paint: { "line-color": matchColour("code", landUse, "#8B9594", darker), "line-width": 1, "line-dasharray": [5, 2], "line-opacity": fade(13) },
    },
  ];
}

/** Width on the ground in metres by class, where nothing better is known. */
const ROAD_METRES = ["match", ["get", "class"], "cao_toc", 26, "truc_chinh", 20, "lien_khu_vuc", 15, "khu_vuc", 11, "noi_bo", 7, "hem", 3.2, 4];
const RAIL = ["duong_sat", "metro"], PATH = ["di_bo", "xe_dap"], MAIN = ["cao_toc", "truc_chinh", "lien_khu_vuc"];
const isIn = (list) => ["in", ["get", "class"], ["literal", list]];
const round = { "line-join": "round", "line-cap": "round" };

/** Roads by class: [name, filter, from zoom, thinnest line in pixels]. */
const ROADS = [
  ["lane", ["==", ["get", "class"], "hem"], 13.5, 0.8],
  ["street", ["all", ["!", isIn([...MAIN, ...RAIL, ...PATH, "khu_vuc", "hem"])]], 12, 1],
  ["district", ["==", ["get", "class"], "khu_vuc"], 11, 1.3],
  ["main", isIn(MAIN), 8, 1.6],
];
const isTunnel = ["==", ["get", "tunnel"], true], isBridge = ["==", ["get", "bridge"], true];

/** A shade over whatever lies below: the zone keeps its hue under a roof. */
export function buildings() {
  return [{ id: "building", type: "fill", source: "ground", "source-layer": "building", minzoom: 14, paint: { "fill-color": "#4A3A22", "fill-opacity": ["interpolate", ["linear"], ["zoom"], 14, 0, 15, 0.08, 17, 0.05] } }];
}

export function streets() {
  const road = { source: "ground", "source-layer": "road" };
  const casings = ROADS.map(([name, filter, minzoom, least]) => ({
    id: `road-${name}-edge`, type: "line", ...road, minzoom, filter: ["all", filter, ["!", isTunnel]], layout: round,
    paint: { "line-color": name === "main" ? "#BFC1B7" : "#CFD1C8", "line-width": groundWidth(ROAD_METRES, least, 1), "line-opacity": fade(minzoom) },
  }));
  const fills = ROADS.map(([name, filter, minzoom, least]) => ({
    id: `road-${name}`, type: "line", ...road, minzoom, filter: ["all", filter, ["!", isTunnel]], layout: round,
    paint: { "line-color": "#FFFFFF", "line-width": groundWidth(ROAD_METRES, least), "line-opacity": fade(minzoom) },
  }));
  return [
    { id: "road-path", type: "line", ...road, minzoom: 15.5, filter: isIn(PATH), paint: { "line-color": "#C3B9A4", "line-width": 1, "line-dasharray": [2.5, 2], "line-opacity": fade(15.5) } },
    { id: "road-tunnel", type: "line", ...road, minzoom: 12, filter: ["all", isTunnel, ["!", isIn(RAIL)]], paint: { "line-color": "#C9CBC2", "line-width": 1, "line-dasharray": [4, 3], "line-opacity": fade(12) } },
    ...casings,
    ...fills,
    { id: "road-rail", type: "line", ...road, minzoom: 11, filter: isIn(RAIL), paint: { "line-color": "#9AA1A0", "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.8, 16, 1.8], "line-dasharray": [6, 2], "line-opacity": fade(11) } },
    { id: "building-edge", type: "line", source: "ground", "source-layer": "building", minzoom: 15, filter: isOne, paint: { "line-color": "#4A3A22", "line-width": 0.5, "line-opacity": fade(15.5, 0.16) } },
    { id: "road-bridge", type: "line", ...road, minzoom: 13, filter: ["all", isBridge, ["!", isIn([...RAIL, ...PATH])]], layout: { "line-join": "round" }, paint: { "line-color": "#FFFFFF", "line-width": groundWidth(ROAD_METRES, 1.2), "line-opacity": fade(13) } },
  ];
}

/** Names of streets and water, drawn late so that they win over house numbers. */
export function groundNames() {
  const along = { "symbol-placement": "line", "text-font": REGULAR, "text-field": ["get", "name"], "text-max-angle": 35, "text-padding": 6 };
  const name = (id, filter, minzoom, sizes, colour, font = REGULAR) => ({
    id, type: "symbol", source: "ground", "source-layer": "road", minzoom, filter: ["all", ["has", "name"], filter],
    layout: { ...along, "text-font": font, "symbol-spacing": 320, "text-size": ["interpolate", ["linear"], ["zoom"], ...sizes] },
    paint: { ...onPaper(colour), "text-opacity": fade(minzoom) },
  });
  const water = { "text-font": REGULAR, "text-field": ["get", "name"], "text-letter-spacing": 0.08, "text-size": ["interpolate", ["linear"], ["zoom"], 10, 10, 16, 14] };
  return [
    name("road-lane-name", ["in", ["get", "class"], ["literal", ["hem", "di_bo"]]], 17, [17, 10, 20, 12], "#5C6B73"),
    name("road-street-name", ["!", isIn([...MAIN, ...RAIL, ...PATH, "khu_vuc", "hem"])], 15, [15, 10.5, 19, 13], "#46545B"),
    name("road-district-name", ["==", ["get", "class"], "khu_vuc"], 14, [14, 11, 19, 14], "#3B494F"),
    name("road-main-name", isIn(MAIN), 12.5, [12.5, 10.5, 19, 15], "#2E3B41", MEDIUM),
    {
      id: "green-space-name", type: "symbol", source: "ground", "source-layer": "green_space", minzoom: 14.5, filter: ["has", "name"],
      layout: { "text-font": REGULAR, "text-field": ["get", "name"], "text-size": 11.5, "text-max-width": 7, "text-padding": 8 }, paint: { ...onPaper("#3F6B45"), "text-opacity": fadeBoth(14.5, 19) },
    },
    {
      id: "heritage-site", type: "circle", source: "ground", "source-layer": "heritage_site", minzoom: 14, filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-color": "#FBFAF7", "circle-stroke-color": "#8C5A1C", "circle-stroke-width": 1.6, "circle-radius": ["interpolate", ["linear"], ["zoom"], 14, 2.5, 18, 4.5], "circle-opacity": fade(14), "circle-stroke-opacity": fade(14) },
    },
    {
      id: "heritage-site-edge", type: "line", source: "ground", "source-layer": "heritage_site", minzoom: 14,
      paint: { "line-color": "#8C5A1C", "line-width": 1.4, "line-opacity": fade(14) },
    },
    {
      id: "heritage-site-name", type: "symbol", source: "ground", "source-layer": "heritage_site", minzoom: 14.75, filter: ["has", "name"],
      layout: { "text-font": MEDIUM, "text-field": ["get", "name"], "text-size": 11, "text-max-width": 8, "text-offset": [0, 0.9], "text-anchor": "top", "text-padding": 6 }, paint: { ...onPaper("#744A16"), "text-opacity": ["interpolate", ["linear"], ["zoom"], 14.75, 0, 15.05, 1] },
    },
    { id: "water-line-name", type: "symbol", source: "ground", "source-layer": "water_area", minzoom: 11, filter: ["has", "name"], layout: { ...water, "text-max-width": 6, "text-padding": 20 }, paint: { "text-color": "#3F6E80", "text-halo-color": "#E4F0F4", "text-halo-width": 1, "text-opacity": fade(11) } },
  ];
}
