import type * as maplibregl from "maplibre-gl";
import type { GeoJSONSource } from "maplibre-gl";
import { circleAround } from "../geometry/edge";

/** Where a device says that the reader stands (lon/lat, WGS 84), and within how many metres that holds. */
export interface Standing { lon: number; lat: number; accuracyM: number }

const SOURCE = "standing", BLUE = "#1565C0", PAPER = "#FBFAF7";

function shapes(standing: Standing | null): GeoJSON.FeatureCollection {
  if (!standing) return { type: "FeatureCollection", features: [] };
  const { lon, lat, accuracyM } = standing;
  const geometries: GeoJSON.Geometry[] = [circleAround(lon, lat, accuracyM), { type: "Point", coordinates: [lon, lat] }];
  return { type: "FeatureCollection", features: geometries.map((geometry) => ({ type: "Feature", properties: {}, geometry })) };
}

/** Adds the layers of the dot and its circle; nothing is drawn before somebody asks where they are. */
export function addStanding(map: maplibregl.Map, standing: Standing | null): void {
  map.addSource(SOURCE, { type: "geojson", data: shapes(standing) });
  const isSpot: maplibregl.ExpressionSpecification = ["==", ["geometry-type"], "Point"];
  map.addLayer({ id: "standing-within", type: "fill", source: SOURCE, filter: ["!", isSpot], paint: { "fill-color": BLUE, "fill-opacity": 0.12 } });
  map.addLayer({ id: "standing-edge", type: "line", source: SOURCE, filter: ["!", isSpot], paint: { "line-color": BLUE, "line-width": 1.2, "line-opacity": 0.7 } });
  map.addLayer({ id: "standing-spot", type: "circle", source: SOURCE, filter: isSpot, paint: { "circle-radius": 7, "circle-color": BLUE, "circle-stroke-color": PAPER, "circle-stroke-width": 2.5 } });
}

/** Draws where the reader stands, or takes it away. */
export function drawStanding(map: maplibregl.Map, standing: Standing | null): void {
  map.getSource<GeoJSONSource>(SOURCE)?.setData(shapes(standing));
}
