import { useEffect, useRef, useState } from "react";
import type { CatalogLayer, Place } from "../../kit/api/types";
import type { Lang } from "../../kit/format/format";
import type { CityMap } from "../../kit/map/adapter";
import { DrawController } from "./controller";

/** Borders of whole wards and provinces are carried by nobody's corner, and are heavy to ask for. */
const NOT_CAUGHT = ["admin_unit"];

/** Catalog layers that the map shows at its zoom: only what one sees can be caught hold of. */
export function layersInSight(map: CityMap, known: ReadonlySet<string>): string[] {
  const zoom = map.inner.getZoom();
  const seen = map.inner.getStyle().layers.flatMap((layer) => {
    if (!("source-layer" in layer) || !layer["source-layer"]) return [];
    const shown = (layer.layout as { visibility?: string } | undefined)?.visibility !== "none";
    return shown && zoom >= (layer.minzoom ?? 0) && zoom < (layer.maxzoom ?? 24) ? [String(layer["source-layer"])] : [];
  });
  return [...new Set(seen)].filter((layer) => known.has(layer) && !NOT_CAUGHT.includes(layer)).sort();
}

/** One hand for the page's map; null until there is a map. */
export function useDrawing(map: CityMap | null, place: Place | null, layers: readonly Pick<CatalogLayer, "name" | "title" | "geometry" | "legal">[], lang: Lang): DrawController | null {
  const [controller, setController] = useState<DrawController | null>(null);
  const latest = useRef({ layers, lang });
  useEffect(() => {
    latest.current = { layers, lang };
  });
  const srid = place?.legal_srid ?? null, bounds = place?.bounds?.join() ?? null;
  useEffect(() => {
    if (!map) return;
    const find = (name: string) => latest.current.layers.find((layer) => layer.name === name);
    const made = new DrawController(map, {
      layers: () => layersInSight(map, new Set(latest.current.layers.filter((layer) => layer.geometry && layer.geometry !== "none").map((layer) => layer.name))),
      place: { srid, bounds: bounds === null ? null : (bounds.split(",").map(Number) as [number, number, number, number]) },
      isLegal: (layer) => find(layer)?.legal ?? false,
      title: (layer) => find(layer)?.title[latest.current.lang] ?? layer,
      lang: () => latest.current.lang,
    });
    setController(made);
    return () => {
      setController(null);
      made.dispose();
    };
  }, [map, srid, bounds]);
  return controller;
}
