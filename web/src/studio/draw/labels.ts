/** Lengths beside the edges that are drawn, as a layer of the map's own. */
import type { GeoJSONSource, Map as LibraryMap } from "maplibre-gl";

const SOURCE = "draw-labels";
export interface Label { text: string; at: readonly [number, number]; turned: number }

export function showLabels(map: LibraryMap, labels: readonly Label[]): void {
  const data: GeoJSON.FeatureCollection = {
    type: "FeatureCollection",
    features: labels.map(({ text, at, turned }) => ({ type: "Feature", properties: { text, turned }, geometry: { type: "Point", coordinates: [at[0], at[1]] } })),
  };
  const source = map.getSource<GeoJSONSource>(SOURCE);
  if (source) {
    source.setData(data);
    return;
  }
  if (labels.length === 0) return;
  map.addSource(SOURCE, { type: "geojson", data });
  map.addLayer({
    id: SOURCE, type: "symbol", source: SOURCE,
    layout: { "text-font": ["Be Vietnam Pro Medium"], "text-size": 12, "text-field": ["get", "text"], "text-rotate": ["get", "turned"], "text-offset": [0, -0.9], "text-allow-overlap": true, "text-ignore-placement": true },
    paint: { "text-color": "#1F2A30", "text-halo-color": "#FBFAF7", "text-halo-width": 2 },
  });
}

export function removeLabels(map: LibraryMap): void {
  if (map.getLayer(SOURCE)) map.removeLayer(SOURCE);
  if (map.getSource(SOURCE)) map.removeSource(SOURCE);
}

/** The turn that lets a text run along an edge without standing on its head; screen pixels, degrees clockwise. */
export function turnAlong(a: { x: number; y: number }, b: { x: number; y: number }): number {
  const turned = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
  return turned > 90 ? turned - 180 : turned < -90 ? turned + 180 : turned;
}
