// Writes src/tiles_http/styles/city.json: the one map style of the house. `npm run style` after a change here.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { assets, construction } from "./layers_assets.mjs";
import { buildings, ground, streets } from "./layers_ground.mjs";
import { country, places } from "./layers_names.mjs";
import { parcels, planning } from "./layers_plan.mjs";

const TARGET = new URL("../../src/tiles_http/styles/city.json", import.meta.url);
const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));

/** A vector source of several catalog layers: one request a tile. */
const tiles = (layers, minzoom, maxzoom) => ({
  type: "vector",
  tiles: [`{origin}/tiles/${layers}/{z}/{x}/{y}`],
  minzoom,
  maxzoom,
});

function fontFaces() {
  const css = readFileSync(new URL("../src/kit/theme/fonts.css", import.meta.url), "utf8");
  const ranges = new Map([...css.matchAll(/be-vietnam-pro-([a-z-]+)-400-normal[\s\S]*?unicode-range: ([^;]+);/g)].map((m) => [m[1], m[2].split(",")]));
  const faces = (weight) =>
    ["vietnamese", "latin", "latin-ext"].map((script) => ({
      url: `{origin}/assets/fonts/be-vietnam-pro-${script}-${weight}-normal.woff2`,
      "unicode-range": ranges.get(script),
    }));
  return { "Be Vietnam Pro": faces(400), "Be Vietnam Pro Medium": faces(500), "Be Vietnam Pro SemiBold": faces(600) };
}

export function style() {
  return {
    version: 8,
    name: "dothi",
    metadata: { "dothi:written-by": "web/style/build.mjs" },
    "font-faces": fontFaces(),
    sources: {
      sea: { type: "geojson", data: read("sea.json"), tolerance: 0.2 },
      // The law asks for these names at country zooms, so they do not wait for data.
      country: { type: "geojson", data: read("country.json") },
      admin: tiles("admin_unit,place", 3, 14),
      // Names of wards come from large tiles, where a ward is seldom cut: the page writes one name each.
      ward_names: tiles("admin_unit", 9, 9),
      ground: tiles("water_area,green_space,road,building,heritage_site", 8, 16),
      plan: tiles("plan,planning_zone,planning_line,protection_area", 10, 16),
      parcel: tiles("parcel", 14, 16),
      address: tiles("address", 16, 17),
      assets: tiles("tree,lamp_post,hydrant", 13, 17),
      construction: tiles("permit,works", 13, 16),
      power: tiles("power_line,power_station", 13, 16),
      land_use: tiles("land_use", 12, 16),
      land_use_plan: tiles("land_use_plan", 12, 16),
      land_price: tiles("land_price", 14, 16),
      water: tiles("water_pipe,water_node,water_valve", 14, 17),
      drainage: tiles("drain_pipe,drain_node", 14, 17),
      lighting: tiles("lighting_line,lighting_cabinet", 14, 17),
    },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": ["interpolate", ["linear"], ["zoom"], 6, "#EFEEE8", 9, "#FBFAF7"] } },
      ...ground(),
      ...planning("areas"),
      ...buildings(),
      ...streets(),
      ...parcels(),
      ...planning("lines"),
      ...construction(),
      ...assets(),
      ...places(),
      ...country(),
    ],
  };
}

/** One layer a line: the file stays readable in a diff. */
export function written() {
  const { layers, ...rest } = style();
  const head = JSON.stringify(rest, (key, value) => (key === "data" ? JSON.stringify(value) : value), 1)
    .replace(/"data": "((?:[^"\\]|\\.)*)"/g, (_, text) => `"data": ${JSON.parse(`"${text}"`)}`)
    .replace(/\n\}$/, "");
  return `${head},\n "layers": [\n${layers.map((layer) => `  ${JSON.stringify(layer)}`).join(",\n")}\n ]\n}\n`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(TARGET, written());
