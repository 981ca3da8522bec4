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
  /** West, south, east, north, where it is known: the picture is nowhere else. */
  bounds?: [number, number, number, number];
}

const ID = "underlay";
/** Lines of plots, and all that the style draws after them, stay above the picture; where there are none, names do. */
const isAbove = (layer: maplibregl.LayerSpecification): boolean =>
  (layer.type === "line" && layer["source-layer"] === "parcel") || layer.type === "symbol";

/** Tiles of this server come with a path alone. */
const addressOf = (underlay: Underlay): string => (underlay.tiles.startsWith("/") ? location.origin + underlay.tiles : underlay.tiles);

const sourceOf = (underlay: Underlay): RasterSourceSpecification => ({
  type: "raster", tiles: [addressOf(underlay)], tileSize: underlay.tile_size, minzoom: underlay.min_zoom, maxzoom: underlay.max_zoom, attribution: underlay.attribution,
  ...(underlay.bounds && { bounds: underlay.bounds }),
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

/** Keys that move the line, in hundredths of the width; Home and End go to its ends. */
const STEPS: Record<string, number> = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10, Home: -100, End: 100 };

/** A second map of the picture alone, over the first one and cut off at a line, which is dragged or moved by keys; it follows every move. */
export class Swipe {
  private readonly box = document.createElement("div");
  private readonly line = document.createElement("div");
  private readonly over: maplibregl.Map;
  private readonly follow: () => void;
  private share = 50;

  constructor(private readonly map: maplibregl.Map, underlay: Underlay, label: string) {
    this.box.className = "map-swipe";
    map.getContainer().append(this.box, this.line);
    const style: StyleSpecification = { version: 8, sources: { [ID]: sourceOf(underlay) }, layers: [{ id: ID, type: "raster", source: ID, paint: { "raster-fade-duration": 0 } }] };
    this.over = new maplibregl.Map({ container: this.box, style, interactive: false, attributionControl: false, center: map.getCenter(), zoom: map.getZoom(), minZoom: 3, maxZoom: 21 });
    this.follow = () => this.over.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
    map.on("move", this.follow);
    map.on("resize", this.resized);
    this.lineOf(label);
    this.at(this.share);
  }

  private readonly resized = () => this.over.resize();

  private lineOf(label: string): void {
    const line = this.line;
    line.className = "swipe-line";
    line.tabIndex = 0;
    for (const [name, value] of Object.entries({ role: "slider", "aria-orientation": "horizontal", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100" })) line.setAttribute(name, value);
    line.onkeydown = (event) => {
      const step = STEPS[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      // Neither the page nor the map under it takes the key too.
      event.preventDefault();
      event.stopPropagation();
      this.at(this.share + step);
    };
    line.onpointerdown = (event) => {
      event.stopPropagation();
      line.setPointerCapture(event.pointerId);
    };
    line.onpointermove = (event) => {
      if (!line.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.map.getContainer().getBoundingClientRect();
      this.at(((event.clientX - left) / width) * 100);
    };
    // The map below would begin to pan.
    line.onmousedown = (event) => event.stopPropagation();
    line.ontouchstart = (event) => event.stopPropagation();
  }

  /** The picture shows right of this share of the width, in hundredths. */
  private at(share: number): void {
    this.share = Math.min(100, Math.max(0, share));
    const percent = `${this.share.toFixed(2)}%`;
    this.box.style.clipPath = `inset(0 0 0 ${percent})`;
    this.line.style.left = percent;
    this.line.setAttribute("aria-valuenow", String(Math.round(this.share)));
  }

  remove(): void {
    this.map.off("move", this.follow);
    this.map.off("resize", this.resized);
    this.over.remove();
    this.box.remove();
    this.line.remove();
  }
}
