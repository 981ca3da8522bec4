import type * as maplibregl from "maplibre-gl";
import type { GeoJSONSource, StyleSpecification } from "maplibre-gl";
import { clearOf, type Label, type ScreenBox } from "./clear";

/** The style's source that names the country, its archipelagos and its sea. */
const COUNTRY = "country";
/** The names that the law wants read: the layer that writes them, how long a letter is in ems, how many lines, how far one may move. */
const KINDS = [
  { kind: "archipelago", layer: "country-archipelago", letterEm: 0.58, lineEm: 1.15, lines: 2, widestEm: 12, reach: 120 },
  { kind: "sea", layer: "country-sea", letterEm: 0.9, lineEm: 1.2, lines: 1, widestEm: 10, reach: 168 },
] as const;
/** Room between such a name and what lies over the map, or the map's edge. */
const AIR = 4;

/** A size given as `["interpolate", ["linear"], ["zoom"], zoom, size, …]`. */
export function sizeAt(expression: unknown, zoom: number): number {
  const stops = Array.isArray(expression) ? (expression.slice(3) as number[]) : [0, Number(expression)];
  let [lowZoom = 0, size = 12] = stops;
  for (let i = 2; i + 1 < stops.length; i += 2) {
    const highZoom = stops[i] ?? 0, highSize = stops[i + 1] ?? 0;
    if (zoom <= lowZoom) break;
    size += (highSize - size) * Math.min(1, (zoom - lowZoom) / (highZoom - lowZoom));
    lowZoom = highZoom;
  }
  return size;
}

/** Keeps Hoàng Sa, Trường Sa and Biển Đông readable: their names give way to buttons, sheets and the map's edge. */
export class SeaNames {
  private readonly first: GeoJSON.Feature<GeoJSON.Point>[];
  private drawn = "";

  constructor(private readonly map: maplibregl.Map, style: StyleSpecification, private readonly covers: () => Iterable<Element>) {
    const source = style.sources[COUNTRY];
    this.first = source?.type === "geojson" && typeof source.data === "object" && "features" in source.data
      ? (source.data.features as GeoJSON.Feature<GeoJSON.Point>[])
      : [];
  }

  /** Moves the names to where they are free now; says nothing to the map when nothing changes. */
  keepClear(lang: "vi" | "en"): void {
    const labels = this.first.flatMap((feature) => {
      const label = this.labelOf(feature, lang);
      return label ? [{ feature, label }] : [];
    });
    const room = this.map.getContainer().getBoundingClientRect();
    const shifts = clearOf(labels.map(({ label }) => label), { left: AIR, top: AIR, right: room.width - AIR, bottom: room.height - AIR }, this.boxes(room));
    const moved = new Map(labels.map(({ feature, label }, i) => {
      const [dx, dy] = shifts[i] ?? [0, 0];
      const { lng, lat } = this.map.unproject([label.x + dx, label.y + dy]);
      return [feature, dx === 0 && dy === 0 ? feature.geometry.coordinates : [lng, lat]] as const;
    }));
    const now = JSON.stringify([...moved.values()]);
    const source = this.map.getSource<GeoJSONSource>(COUNTRY);
    if (now === this.drawn || !source) return;
    const isAsWritten = [...moved].every(([feature, at]) => at === feature.geometry.coordinates);
    if (this.drawn === "" && isAsWritten) return;
    this.drawn = now;
    source.setData({
      type: "FeatureCollection",
      features: this.first.map((feature) => ({ ...feature, geometry: { ...feature.geometry, coordinates: moved.get(feature) ?? feature.geometry.coordinates } })),
    });
  }

  private labelOf(feature: GeoJSON.Feature<GeoJSON.Point>, lang: "vi" | "en"): Label | null {
    const kind = KINDS.find((one) => one.kind === feature.properties?.["kind"]);
    const [lon, lat] = feature.geometry.coordinates;
    if (!kind || lon === undefined || lat === undefined || !this.map.getLayer(kind.layer)) return null;
    const name = String((lang === "en" ? feature.properties?.["name_en"] : null) ?? feature.properties?.["name"]);
    const size = sizeAt(this.map.getLayoutProperty(kind.layer, "text-size"), this.map.getZoom());
    const long = name.length * kind.letterEm, lines = kind.lines + Math.ceil(long / kind.widestEm) - 1;
    const { x, y } = this.map.project([lon, lat]);
    return { x, y, width: Math.min(long, kind.widestEm) * size + 2 * AIR, height: lines * kind.lineEm * size + 2 * AIR, reach: kind.reach };
  }

  private boxes(room: DOMRect): ScreenBox[] {
    return [...this.covers()].flatMap((element) => {
      const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
      return width === 0 || height === 0 ? [] : [{ left: left - room.left, top: top - room.top, right: right - room.left, bottom: bottom - room.top }];
    });
  }
}
