import type { LayerSpecification } from "maplibre-gl";

type Visibility = "visible" | "none";

const catalogLayer = (layer: LayerSpecification): string | null =>
  "source-layer" in layer && layer["source-layer"] ? layer["source-layer"] : null;

/** Which catalog layers the style draws, and whether it draws them before anybody switches anything. */
export function layersOf(style: readonly LayerSpecification[]): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const layer of style) {
    const name = catalogLayer(layer);
    if (name) found.set(name, (found.get(name) ?? false) || layer.layout?.visibility !== "none");
  }
  return found;
}

/** The visibility of each style layer, after the reader's switches. */
export function visibilityOf(style: readonly LayerSpecification[], on: ReadonlySet<string>, off: ReadonlySet<string>): [id: string, Visibility][] {
  return style.flatMap((layer) => {
    const name = catalogLayer(layer);
    if (!name) return [];
    const first: Visibility = layer.layout?.visibility === "none" ? "none" : "visible";
    return [[layer.id, off.has(name) ? "none" : on.has(name) ? "visible" : first] as [string, Visibility]];
  });
}

/** Turns one layer's switch, keeping in `on` and `off` only what differs from the style's beginning. */
export function switched(links: { on: string[]; off: string[] }, layer: string, firstOn: boolean, wanted: boolean): { on: string[]; off: string[] } {
  const on = links.on.filter((name) => name !== layer), off = links.off.filter((name) => name !== layer);
  if (wanted && !firstOn) on.push(layer);
  if (!wanted && firstOn) off.push(layer);
  return { on, off };
}
