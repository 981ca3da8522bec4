/** Pictures from elsewhere: below the lines of plots and plans with an opacity of their own, or beside them behind a swipe line. */
import * as maplibregl from "maplibre-gl";
import type { RasterSourceSpecification, StyleSpecification } from "maplibre-gl";

/** As `GET /api/v1/underlays` says it. */
export interface Underlay {
  name: string;
  title: { vi: string; en: string };
  tiles: string;
  attribution: string;
  min_zoom: number;
  max_zoom: number;
  tile_size: number;
}

const ID = "underlay";
/** Lines of plots, and all that the style draws after them, stay above the picture; where there are none, names do. */
const isAbove = (layer: maplibregl.LayerSpecification): boolean =>
  (layer.type === "line" && layer["source-layer"] === "parcel") || layer.type === "symbol";

const sourceOf = (underlay: Underlay): RasterSourceSpecification => ({
  type: "raster", tiles: [underlay.tiles], tileSize: underlay.tile_size, minzoom: underlay.min_zoom, maxzoom: underlay.max_zoom, attribution: underlay.attribution,
});

/** Lays one picture below the lines of plots and plans, or takes it away. */
export function layUnder(map: maplibregl.Map, underlay: Underlay | null): void {
  if (map.getLayer(ID)) map.removeLayer(ID);
  if (map.getSource(ID)) map.removeSource(ID);
  if (!underlay) return;
  const above = map.getStyle().layers.find(isAbove);
  map.addSource(ID, sourceOf(underlay));
  map.addLayer({ id: ID, type: "raster", source: ID, paint: { "raster-fade-duration": 0 } }, above?.id);
}

/** 0 to 1. */
export function setUnderlayOpacity(map: maplibregl.Map, opacity: number): void {
  if (map.getLayer(ID)) map.setPaintProperty(ID, "raster-opacity", opacity);
}

/** A second map of the picture alone, over the first one and cut off at a line; it follows every move. */
export class Swipe {
  private readonly box = document.createElement("div");
  private readonly over: maplibregl.Map;
  private readonly follow: () => void;

  constructor(private readonly map: maplibregl.Map, underlay: Underlay, share: number) {
    this.box.className = "map-swipe";
    map.getContainer().append(this.box);
    const style: StyleSpecification = { version: 8, sources: { [ID]: sourceOf(underlay) }, layers: [{ id: ID, type: "raster", source: ID, paint: { "raster-fade-duration": 0 } }] };
    this.over = new maplibregl.Map({ container: this.box, style, interactive: false, attributionControl: false, center: map.getCenter(), zoom: map.getZoom(), minZoom: 3, maxZoom: 21 });
    this.follow = () => this.over.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
    map.on("move", this.follow);
    map.on("resize", this.resized);
    this.at(share);
  }

  private readonly resized = () => this.over.resize();

  /** The picture shows right of this share of the width. */
  at(share: number): void {
    this.box.style.clipPath = `inset(0 0 0 ${(share * 100).toFixed(2)}%)`;
  }

  remove(): void {
    this.map.off("move", this.follow);
    this.map.off("resize", this.resized);
    this.over.remove();
    this.box.remove();
  }
}
