import type { LayerSpecification } from "maplibre-gl";

/** How a layer looks in one small square. */
export interface Look { fill: string | null; line: string | null; dash: boolean; dot: { fill: string; line: string } | null; text: string | null; byKind: boolean; opacity: number; marks: ReadonlyMap<string, string> }

const CIRCLE_FALLBACK = "#8B9594";

/** A plain colour: the value itself, or the last colour of an expression (its "otherwise"). */
function plain(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  if (value[0] === "match" || value[0] === "case") return plain(value[value.length - 1]);
  return null;
}

/** The first colour that an expression names: truer for marks than its "otherwise". */
function first(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value[0] === "match") return plain(value[3]);
  return plain(value);
}

/** The most that a fill's opacity reaches: a tint on the map is a tint in the legend. */
function greatest(value: unknown): number {
  if (typeof value === "number") return value;
  if (!Array.isArray(value) || value[0] !== "interpolate") return 1;
  return Math.max(...value.slice(4).filter((_, index) => index % 2 === 0).map((step) => (typeof step === "number" ? step : 1)));
}

/** The colour of each kind of mark, where the style names it. */
function marksOf(value: unknown): Map<string, string> {
  const found = new Map<string, string>();
  if (!Array.isArray(value) || value[0] !== "match") return found;
  for (let at = 2; at + 1 < value.length; at += 2) {
    const colour = plain(value[at + 1]);
    for (const kind of [value[at]].flat()) if (colour !== null) found.set(String(kind), colour);
  }
  return found;
}

/** Whether a layer's colour tells kinds apart, so that its kinds belong in a legend. */
function isByKind(layer: LayerSpecification): boolean {
  if (layer.type === "fill") return Array.isArray(layer.paint?.["fill-color"]) && layer.paint["fill-opacity"] !== 0;
  if (layer.type === "line") return Array.isArray(layer.paint?.["line-color"]);
  return layer.type === "circle" && Array.isArray(layer.paint?.["circle-color"]);
}

/** Reads from the style how one catalog layer is drawn. */
export function lookOf(style: readonly LayerSpecification[], name: string): Look {
  const look: Look = { fill: null, line: null, dash: false, dot: null, text: null, byKind: false, opacity: 1, marks: new Map() };
  for (const layer of style) {
    if (!("source-layer" in layer) || layer["source-layer"] !== name || layer.id.endsWith("-cluster")) continue;
    if (isByKind(layer)) look.byKind = true;
    if (layer.type === "fill" && look.fill === null && layer.paint?.["fill-opacity"] !== 0) {
      look.fill = first(layer.paint?.["fill-color"]);
      look.opacity = greatest(layer.paint?.["fill-opacity"]);
    }
    if (layer.type === "line" && (look.line === null || layer.id.endsWith("-red"))) {
      look.line = first(layer.paint?.["line-color"]);
      look.dash = Boolean(layer.paint?.["line-dasharray"]);
    }
    if (layer.type === "symbol" && look.text === null) look.text = plain(layer.paint?.["text-color"]);
    if (layer.type === "circle" && look.dot === null) {
      look.marks = marksOf(layer.paint?.["circle-color"]);
      look.dot = { fill: first(layer.paint?.["circle-color"]) ?? CIRCLE_FALLBACK, line: first(layer.paint?.["circle-stroke-color"]) ?? "none" };
    }
  }
  return look;
}

/** The zoom from which a layer is seen. */
export function firstZoom(style: readonly LayerSpecification[], name: string): number {
  const zooms = style.filter((layer) => "source-layer" in layer && layer["source-layer"] === name).map((layer) => layer.minzoom ?? 0);
  return zooms.length > 0 ? Math.min(...zooms) : 0;
}
