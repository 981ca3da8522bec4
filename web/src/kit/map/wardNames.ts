import type * as maplibregl from "maplibre-gl";
import type { GeoJSONSource, LayerSpecification, StyleSpecification, SymbolLayerSpecification } from "maplibre-gl";
import { spotInside, type Spot } from "../geometry/inside";

/** The style's layer that names wards. */
export const WARD_NAMES = "ward-name";
/** Its source: large tiles, in which a ward is seldom cut. */
const TILES = "ward_names", SPOTS = "ward_spots";
/** The layer that writes the names at the spots found here. */
export const WARD_NAMES_ONCE = "ward-name-once";

const isNamed = (layer: LayerSpecification): layer is SymbolLayerSpecification => layer.id === WARD_NAMES && layer.type === "symbol";

/**
 * The style with one name a ward: the library writes the name of an area on each of its parts, and rivers cut wards into many. The
 * layer over the tiles stays, without words, so that the tiles are fetched.
 */
export function namedOnce(style: StyleSpecification): StyleSpecification {
  if (!style.layers.some(isNamed)) return style;
  return {
    ...style,
    sources: { ...style.sources, [SPOTS]: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
    layers: style.layers.flatMap((layer): LayerSpecification[] => {
      if (!isNamed(layer)) return [layer];
      const { "source-layer": _tiles, filter: _filter, ...rest } = layer;
      return [{ ...layer, layout: { ...layer.layout, "text-field": "" } }, { ...rest, id: WARD_NAMES_ONCE, source: SPOTS }];
    }),
  };
}

/** Finds the spot of each ward's name whenever its tiles have come. */
export function keepWardsNamed(map: maplibregl.Map, style: StyleSpecification): void {
  const layer = style.layers.find(isNamed);
  const sourceLayer = layer?.["source-layer"], filter = layer?.filter;
  if (!layer || !sourceLayer) return;
  map.on("sourcedata", (event) => {
    if (event.sourceId !== TILES || !event.isSourceLoaded || event.sourceDataType === "metadata") return;
    const found = new Map<string, { spot: Spot; properties: GeoJSON.GeoJsonProperties }>();
    for (const feature of map.querySourceFeatures(TILES, { sourceLayer, ...(filter ? { filter } : {}) })) {
      const id = String(feature.properties["id"]), spot = spotInside(feature.geometry);
      if (spot && spot.area > (found.get(id)?.spot.area ?? 0)) found.set(id, { spot, properties: feature.properties });
    }
    map.getSource<GeoJSONSource>(SPOTS)?.setData({
      type: "FeatureCollection",
      features: [...found.values()].map(({ spot, properties }) => ({ type: "Feature", properties: { ...properties }, geometry: { type: "Point", coordinates: spot.at } })),
    });
  });
}
