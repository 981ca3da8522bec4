// Trees, light, water, drains, power; permits and works. A mark means one kind of thing everywhere.
import { coloursOf, matchColour } from "./colours.mjs";
import { fade, fadeBoth, HIDDEN, isCluster, isOne, MEDIUM, onPaper, REGULAR } from "./words.mjs";

const from = (source, sourceLayer) => ({ source, "source-layer": sourceLayer });
const size = (z1, r1, z2, r2) => ["interpolate", ["exponential", 1.6], ["zoom"], z1, r1, z2, r2];

/** A quiet circle with the number of things it stands for. */
function cluster(id, place, minzoom, maxzoom, colour, ink) {
  const opacity = fadeBoth(minzoom, maxzoom, 0.9);
  return [
    {
      id: `${id}-cluster`, type: "circle", ...place, minzoom, maxzoom, filter: isCluster,
      paint: { "circle-color": colour, "circle-opacity": opacity, "circle-stroke-color": "#FBFAF7", "circle-stroke-width": 1, "circle-stroke-opacity": opacity, "circle-radius": ["interpolate", ["linear"], ["get", "point_count"], 1, 6, 50, 10, 500, 15] },
    },
    {
      id: `${id}-count`, type: "symbol", ...place, minzoom, maxzoom, filter: ["all", isCluster, [">", ["get", "point_count"], 1]],
      layout: { "text-font": MEDIUM, "text-size": 10, "text-field": ["to-string", ["get", "point_count"]], "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": ink, "text-opacity": opacity },
    },
  ];
}

const dot = (id, place, minzoom, paint, layout) => ({
  id, type: "circle", ...place, minzoom, filter: isOne, ...(layout ? { layout } : {}),
  paint: { ...paint, "circle-opacity": fade(minzoom, paint["circle-opacity"] ?? 1), "circle-stroke-opacity": fade(minzoom) },
});

const pipe = (id, place, colour, width, extra = {}) => ({
  id, type: "line", ...place, minzoom: 14, layout: { ...HIDDEN, "line-cap": "round" },
  paint: { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 14, width[0], 19, width[1]], "line-opacity": fade(14), ...extra },
});

const pipeText = (id, place, field, colour) => ({
  id, type: "symbol", ...place, minzoom: 17, filter: ["has", "diameter_mm"],
  layout: { ...HIDDEN, "symbol-placement": "line", "symbol-spacing": 260, "text-font": REGULAR, "text-size": 10, "text-offset": [0, 0.8], "text-field": field }, paint: onPaper(colour),
});

export function assets() {
  const tree = from("assets", "tree"), lamp = from("assets", "lamp_post"), hydrant = from("assets", "hydrant");
  const waterPipe = from("water", "water_pipe"), drain = from("drainage", "drain_pipe");
  const diameter = ["concat", "Ø", ["to-string", ["get", "diameter_mm"]]];
  return [
    pipe("drain-pipe", drain, matchColour("system", coloursOf("drain_system"), "#6B7A6A"), [0.8, 3], { "line-dasharray": [6, 2] }),
    pipe("water-pipe", waterPipe, matchColour("kind", coloursOf("water_pipe_kind"), "#3E86B5"), [0.9, 3]),
    pipe("lighting-line", from("lighting", "lighting_line"), "#B98A1E", [0.6, 1.4], { "line-dasharray": [2, 2] }),
    { ...pipe("power-line", from("power", "power_line"), "#8A6FB0", [0.8, 1.8], { "line-dasharray": [8, 2, 1, 2] }), minzoom: 13 },
    pipeText("drain-pipe-size", drain, diameter, "#4E5B4D"),
    pipeText("water-pipe-size", waterPipe, diameter, "#1F5F8B"),
    dot("drain-node", from("drainage", "drain_node"), 16.5, { "circle-color": "#FBFAF7", "circle-stroke-color": "#6B7A6A", "circle-stroke-width": 1.2, "circle-radius": size(16.5, 1.6, 20, 5) }, HIDDEN),
    dot("water-node", from("water", "water_node"), 16.5, { "circle-color": "#1F5F8B", "circle-radius": size(16.5, 1.2, 20, 3.6) }, HIDDEN),
    dot("water-valve", from("water", "water_valve"), 16.5, { "circle-color": ["case", ["==", ["get", "closed"], true], "#1F5F8B", "#FBFAF7"], "circle-stroke-color": "#1F5F8B", "circle-stroke-width": 1.6, "circle-radius": size(16.5, 2, 20, 5.5) }, HIDDEN),
    dot("lighting-cabinet", from("lighting", "lighting_cabinet"), 15.5, { "circle-color": "#B98A1E", "circle-stroke-color": "#5E4708", "circle-stroke-width": 1.4, "circle-radius": size(15.5, 3, 20, 6) }, HIDDEN),
    { ...dot("power-station", from("power", "power_station"), 13, { "circle-color": "#8A6FB0", "circle-stroke-color": "#4A3768", "circle-stroke-width": 1.4, "circle-radius": size(13, 2.5, 19, 6) }, HIDDEN), filter: ["==", ["geometry-type"], "Point"] },
    dot("tree", tree, 16, {
      "circle-color": ["match", ["get", "category"], ["bao_ton", "co_thu"], "#6E8B3D", "#7FB06E"], "circle-opacity": 0.55,
      "circle-stroke-color": ["case", ["==", ["get", "is_protected"], true], "#6B3E12", "#8DB487"], "circle-stroke-width": ["case", ["==", ["get", "is_protected"], true], 1.2, 0.5],
      "circle-radius": size(16, 1.1, 20, ["match", ["get", "category"], "loai_1", 6, "loai_2", 9, 12]),
    }),
    dot("lamp-post", lamp, 17, {
      "circle-color": ["match", ["get", "state"], "sang", "#F2C84B", ["chap_chon", "bao_tri"], "#FBFAF7", ["tat", "hong_cot"], "#3A4349", "#D9DDD8"],
      "circle-stroke-color": ["match", ["get", "state"], ["tat", "hong_cot"], "#B3261E", "#7A5C0B"], "circle-stroke-width": 1, "circle-radius": size(17, 1.2, 20, 3.6),
    }),
    dot("hydrant", hydrant, 16.5, { "circle-color": "#C4281E", "circle-stroke-color": "#FFFFFF", "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 16.5, 0.5, 18, 1.2], "circle-radius": size(16.5, 1.2, 20, 5) }),
    // Counts stand only just before the things themselves appear: further out they would hide the zones that one came for.
    ...cluster("tree", tree, 15.4, 16.4, "#D3E4C6", "#33592F"),
    {
      id: "tree-name", type: "symbol", ...tree, minzoom: 19.5, filter: isOne,
      layout: { "text-font": REGULAR, "text-size": 10, "text-anchor": "top", "text-offset": [0, 0.9], "text-max-width": 6, "text-field": ["coalesce", ["get", "common_name"], ["get", "species"], ""], "text-padding": 20 }, paint: { ...onPaper("#33592F"), "text-opacity": fade(19.5) },
    },
  ];
}

export function construction() {
  const permit = from("construction", "permit"), works = from("construction", "works");
  return [
    { id: "permit", type: "fill", ...permit, minzoom: 15, paint: { "fill-color": matchColour("state", coloursOf("permit_state"), "#0F6B6B"), "fill-opacity": fade(15.5, 0.1) } },
    { id: "permit-edge", type: "line", ...permit, minzoom: 15.5, filter: isOne, paint: { "line-color": matchColour("state", coloursOf("permit_state"), "#0F6B6B"), "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.6, 19, 1.5], "line-opacity": fade(15.5, 0.8) } },
    { id: "works-edge", type: "line", ...works, minzoom: 15.5, filter: isOne, paint: { "line-color": matchColour("state", coloursOf("works_state"), "#B26A00"), "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.8, 19, 2], "line-dasharray": [2, 1.2], "line-opacity": fade(15.5, 0.8) } },
    {
      id: "permit-number", type: "symbol", ...permit, minzoom: 18.5, filter: ["has", "permit_number"],
      layout: { "text-font": MEDIUM, "text-size": 10.5, "text-field": ["get", "permit_number"], "text-offset": [0, 1.1], "text-max-width": 9, "text-padding": 4 }, paint: { ...onPaper("#0B5252"), "text-opacity": fade(18.5) },
    },
  ];
}
