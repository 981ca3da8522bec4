import type { CatalogLayer, LegendEntry } from "../../kit/api/types";

/** What the map draws now: for each catalog layer the codes that its features carry. */
export type Seen = ReadonlyMap<string, ReadonlySet<string>>;

/** The layers of the catalog that are in sight, and the others, each in the catalog's order. */
export function bySight(layers: readonly CatalogLayer[], seen: Seen): { here: CatalogLayer[]; elsewhere: CatalogLayer[] } {
  return { here: layers.filter((layer) => seen.has(layer.name)), elsewhere: layers.filter((layer) => !seen.has(layer.name)) };
}

/** The entries of a layer's legend that are in sight. */
export const entriesSeen = (layer: CatalogLayer, seen: Seen): LegendEntry[] =>
  layer.legend.filter((entry) => seen.get(layer.name)?.has(entry.value));
