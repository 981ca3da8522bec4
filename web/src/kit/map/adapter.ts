import * as maplibregl from "maplibre-gl";
import type { ExpressionSpecification, GeoJSONSource, StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { LayerChange } from "../api/types";
import type { Lang } from "../format/format";
import { spotInside } from "../geometry/inside";
import { tilesToRefresh, type Shown } from "../live/tiles";
import { SeaNames } from "./seaNames";
import { addStanding, drawStanding, type Standing } from "./standing";
import { visibilityOf } from "./visibility";
import { keepWardsNamed, namedOnce, WARD_NAMES, WARD_NAMES_ONCE } from "./wardNames";

maplibregl.setWorkerUrl(workerUrl);

export interface View { zoom: number; lat: number; lon: number }

/** What the page hears from the map. */
export interface MapListener {
  /** The reader tapped a spot, or asked for the middle by Enter. */
  asked(lon: number, lat: number, how: { more: boolean }): void;
  moved(view: View, bounds: [number, number, number, number]): void;
  ready(): void;
}

/** A plot as the lookup answers it: its outline is drawn, and its number in it. */
export interface NumberedPlot { geometry: GeoJSON.Geometry; number: string | number | null }

export interface MapOptions {
  style: StyleSpecification;
  view: View | null;
  bounds: [number, number, number, number] | null;
  lang: Lang;
  label: string;
  listener: MapListener;
  /** What lies over the map now: the names of the country's islands and sea give way to it. */
  covers?: () => Iterable<Element>;
  /** Drawn once on paper: no controls, no moving, pixels kept for print. */
  print?: { pixelRatio: number };
}

/** Tiles beyond a source's last zoom are enlarged, not cut: an area keeps one label, and a change finds its tile. */
const WHOLE_TILES = { zoomLevelsToOverscale: undefined } as unknown as { zoomLevelsToOverscale?: number };

/** The one layer of the style that writes a word of ours on the map. */
const ROAD_RESERVE = "planning-line-width";
const NAMED_IN_ENGLISH: ReadonlySet<string> = new Set(["place-name", "place-minor-name"]);
const ACCENT = "#B3261E", INK = "#1F2A30", PAPER = "#FBFAF7";

/** The one place that touches the map library. */
export class CityMap {
  private readonly map: maplibregl.Map;
  private readonly sourceLayers = new Map<string, Set<string>>();
  private hidden: ReadonlySet<string> = new Set();
  private shown: ReadonlySet<string> = new Set();
  private selected: GeoJSON.Feature[] = [];
  private work: GeoJSON.Feature[] = [];
  private standing: Standing | null = null;
  private lang: Lang;
  private readonly seaNames: SeaNames;
  private loaded = false;

  constructor(container: HTMLElement, private readonly options: MapOptions) {
    this.lang = options.lang;
    const start = options.view
      ? { center: [options.view.lon, options.view.lat] as [number, number], zoom: options.view.zoom }
      : options.bounds
        ? { bounds: options.bounds, fitBoundsOptions: { padding: 24 } }
        : { center: [107.8, 16.2] as [number, number], zoom: 4.6 };
    this.map = new maplibregl.Map({
      container,
      style: namedOnce(options.style),
      ...start,
      minZoom: 3,
      maxZoom: 21,
      maxPitch: 0,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      // Tiles out of sight are asked for again: an old one must never come back after a change.
      maxTileCacheSize: 0,
      ...WHOLE_TILES,
      fadeDuration: 120,
      interactive: !options.print,
      locale: { "Map.Title": options.label },
      ...(options.print
        ? { pixelRatio: options.print.pixelRatio, canvasContextAttributes: { preserveDrawingBuffer: true }, fadeDuration: 0 }
        : {}),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    if (!options.print) this.map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), "bottom-right");
    this.seaNames = new SeaNames(this.map, options.style, () => [...container.querySelectorAll(".maplibregl-ctrl"), ...(options.covers?.() ?? [])]);
    keepWardsNamed(this.map, options.style);
    this.map.on("load", () => this.begin());
    this.map.on("error", ({ error }) => this.failed(error));
    this.map.on("click", (event) => options.listener.asked(event.lngLat.lng, event.lngLat.lat, { more: event.originalEvent.shiftKey || event.originalEvent.ctrlKey || event.originalEvent.metaKey }));
    this.map.on("moveend", () => this.tellView());
    for (const event of ["moveend", "resize"] as const) this.map.on(event, () => this.keepNamesClear());
    this.map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const middle = this.map.getCenter();
      options.listener.asked(middle.lng, middle.lat, { more: event.shiftKey });
    });
  }

  /** A refused tile (a draft that has ended, a session that ran out) is said by the page in words; anything else is a fault. */
  private failed(error: { message: string; status?: number }): void {
    const refused = error.status !== undefined && error.status >= 400 && error.status < 500;
    console[refused ? "info" : "error"](error.message);
  }

  private begin(): void {
    this.loaded = true;
    for (const layer of this.map.getStyle().layers) {
      if (!("source-layer" in layer) || !layer["source-layer"]) continue;
      const sources = this.sourceLayers.get(layer["source-layer"]) ?? new Set<string>();
      this.sourceLayers.set(layer["source-layer"], sources.add(layer.source));
    }
    this.addWork();
    this.addSelection();
    addStanding(this.map, this.standing);
    this.setLayers(this.shown, this.hidden);
    this.setLanguage(this.lang);
    this.keepNamesClear();
    this.tellView();
    this.options.listener.ready();
  }

  private tellView(): void {
    const { lng, lat } = this.map.getCenter();
    const box = this.map.getBounds();
    const bounds: [number, number, number, number] = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    this.options.listener.moved({ zoom: this.map.getZoom(), lat, lon: lng }, bounds);
  }

  private addSelection(): void {
    const data: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: this.selected };
    this.map.addSource("selection", { type: "geojson", data });
    const isArea: ExpressionSpecification = ["!=", ["geometry-type"], "Point"];
    const isNumber: ExpressionSpecification = ["has", "number"];
    const isSpot: ExpressionSpecification = ["all", ["==", ["geometry-type"], "Point"], ["!", isNumber]];
    const round = { "line-join": "round", "line-cap": "round" } as const;
    this.map.addLayer({ id: "selection-tint", type: "fill", source: "selection", filter: isArea, paint: { "fill-color": ACCENT, "fill-opacity": 0.07 } });
    this.map.addLayer({ id: "selection-halo", type: "line", source: "selection", filter: isArea, layout: round, paint: { "line-color": ACCENT, "line-width": 10, "line-opacity": 0.5, "line-blur": 1.5 } });
    this.map.addLayer({ id: "selection-line", type: "line", source: "selection", filter: isArea, layout: round, paint: { "line-color": INK, "line-width": 2.5 } });
    this.map.addLayer({ id: "selection-spot", type: "circle", source: "selection", filter: isSpot, paint: { "circle-radius": 7, "circle-color": ACCENT, "circle-stroke-color": PAPER, "circle-stroke-width": 2.5 } });
    // Over all other names: of all plots this one is asked about.
    this.map.addLayer({
      id: "selection-number", type: "symbol", source: "selection", minzoom: 15.5, filter: isNumber,
      layout: { "text-font": ["Be Vietnam Pro SemiBold"], "text-field": ["get", "number"], "text-size": ["interpolate", ["linear"], ["zoom"], 15.5, 11, 20, 14.5], "text-allow-overlap": true, "text-padding": 0 },
      paint: { "text-color": INK, "text-halo-color": PAPER, "text-halo-width": 2 },
    });
  }

  /** What is not yet published, over the published: each state has a colour and a dash of its own. */
  private addWork(): void {
    const data: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: this.work };
    this.map.addSource("work", { type: "geojson", data });
    const colour: ExpressionSpecification = ["match", ["get", "state"], "added", "#2E7D4F", "removed", ACCENT, "problem", ACCENT, "#8F5600"];
    const spot: ExpressionSpecification = ["==", ["geometry-type"], "Point"], area: ExpressionSpecification = ["==", ["geometry-type"], "Polygon"];
    const dashes = [["removed", [1, 1.5]], ["changed", [4, 1.5]], ["added", [1, 0]]] as const;
    this.map.addLayer({ id: "work-tint", type: "fill", source: "work", filter: area, paint: { "fill-color": colour, "fill-opacity": 0.12 } });
    for (const [state, dash] of dashes) {
      this.map.addLayer({ id: `work-${state}`, type: "line", source: "work", filter: ["all", ["!=", ["geometry-type"], "Point"], ["==", ["get", "state"], state]], paint: { "line-color": colour, "line-width": 2.5, "line-dasharray": [...dash] } });
    }
    this.map.addLayer({ id: "work-spot", type: "circle", source: "work", filter: spot, paint: { "circle-radius": ["match", ["get", "state"], "problem", 9, 6], "circle-color": ["match", ["get", "state"], "problem", "rgba(0,0,0,0)", colour], "circle-stroke-color": ["match", ["get", "state"], "problem", ACCENT, PAPER], "circle-stroke-width": ["match", ["get", "state"], "problem", 3, 2] } });
  }

  /** Draws work that is not yet published; the property `state` is `added`, `changed`, `removed`, or `problem` for a place to look at. */
  setWork(features: GeoJSON.Feature[]): void {
    this.work = features;
    this.map.getSource<GeoJSONSource>("work")?.setData({ type: "FeatureCollection", features });
  }

  /** Draws a draft over the published state, or only what is published. */
  setDraft(draft: string | null): void {
    for (const source of new Set([...this.sourceLayers.values()].flatMap((sources) => [...sources]))) {
      const drawn = this.map.getSource<maplibregl.VectorTileSource>(source);
      const first = (this.options.style.sources[source] as { tiles?: string[] } | undefined)?.tiles;
      if (drawn && first) drawn.setTiles(draft ? first.map((tile) => `${tile}?draft=${draft}`) : first);
    }
  }

  /** Draws what is selected: plots as outlines with their numbers, a spot as a mark. */
  setSelection(shapes: readonly (GeoJSON.Geometry | NumberedPlot)[]): void {
    this.selected = shapes.flatMap((shape): GeoJSON.Feature[] => {
      if (!("geometry" in shape)) return [{ type: "Feature", properties: {}, geometry: shape }];
      const spot = shape.number === null ? null : spotInside(shape.geometry);
      const name: GeoJSON.Feature[] = spot ? [{ type: "Feature", properties: { number: String(shape.number) }, geometry: { type: "Point", coordinates: spot.at } }] : [];
      return [{ type: "Feature", properties: {}, geometry: shape.geometry }, ...name];
    });
    this.map.getSource<GeoJSONSource>("selection")?.setData({ type: "FeatureCollection", features: this.selected });
  }

  /** Draws where the reader stands, with the circle in which that holds. */
  setStanding(standing: Standing | null): void {
    this.standing = standing;
    drawStanding(this.map, standing);
  }

  /** Switches catalog layers on that the style leaves off, and off that it leaves on. */
  setLayers(on: ReadonlySet<string>, off: ReadonlySet<string>): void {
    this.shown = on;
    this.hidden = off;
    if (!this.loaded) return;
    for (const [id, visibility] of visibilityOf(this.options.style.layers, on, off)) {
      for (const own of id === WARD_NAMES ? [id, WARD_NAMES_ONCE] : [id]) if (this.map.getLayer(own)) this.map.setLayoutProperty(own, "visibility", visibility);
    }
  }

  setLanguage(lang: Lang): void {
    this.lang = lang;
    if (!this.loaded) return;
    const name: ExpressionSpecification = lang === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"];
    for (const layer of this.map.getStyle().layers) {
      if (layer.id === ROAD_RESERVE && layer.type === "symbol") {
        const words = lang === "en" ? "right of way " : "lộ giới ";
        const width: ExpressionSpecification = ["number-format", ["get", "road_width_m"], { locale: lang, "max-fraction-digits": 1 }];
        this.map.setLayoutProperty(layer.id, "text-field", ["concat", words, width, " m"] as ExpressionSpecification);
      }
      // Names of places from the data, where they have an English one.
      if (layer.type === "symbol" && NAMED_IN_ENGLISH.has(layer.id)) this.map.setLayoutProperty(layer.id, "text-field", name);
      if (layer.type !== "symbol" || layer.source !== "country") continue;
      const text = layer.id === "country-archipelago"
        ? (["format", name, {}, "\n", {}, ["get", "of"], { "font-scale": 0.82 }] as ExpressionSpecification)
        : name;
      this.map.setLayoutProperty(layer.id, "text-field", text);
    }
    this.keepNamesClear();
  }

  /** Called when something that lies over the map has moved: Hoàng Sa, Trường Sa and Biển Đông stay readable. */
  keepNamesClear(): void {
    if (this.loaded) this.seaNames.keepClear(this.lang);
  }

  /** Moves to a spot or a box, staying clear of the panel; at once where the reader asked for less motion. */
  goTo(target: { lon: number; lat: number; zoom?: number } | { box: [number, number, number, number]; maxZoom?: number }, padding: maplibregl.PaddingOptions): void {
    const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150;
    if ("box" in target) this.map.fitBounds(target.box, { padding, maxZoom: target.maxZoom ?? 19, duration });
    else {
      // An offset, since the library keeps a padding for good: the next box would have to fit beside both.
      const { top = 0, bottom = 0, left = 0, right = 0 } = padding;
      const offset: [number, number] = [(left - right) / 2, (top - bottom) / 2];
      this.map.easeTo({ center: [target.lon, target.lat], zoom: target.zoom ?? Math.max(this.map.getZoom(), 17), offset, duration });
    }
  }

  /** Whether a spot lies in sight, with room around it. */
  inSight(lon: number, lat: number, padding: maplibregl.PaddingOptions): boolean {
    const { x, y } = this.map.project([lon, lat]);
    const { clientWidth, clientHeight } = this.map.getContainer();
    return x > (padding.left ?? 0) + 30 && y > (padding.top ?? 0) + 30 && x < clientWidth - (padding.right ?? 0) - 30 && y < clientHeight - (padding.bottom ?? 0) - 30;
  }

  zoomBy(step: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 120 });
  }

  /** The objects that are drawn at a spot, the uppermost first. */
  objectsAt(lon: number, lat: number): { layer: string; id: string }[] {
    const { x, y } = this.map.project([lon, lat]);
    return this.map.queryRenderedFeatures([[x - 3, y - 3], [x + 3, y + 3]]).flatMap((feature) => {
      const id: unknown = feature.properties["id"];
      return feature.sourceLayer && typeof id === "string" ? [{ layer: feature.sourceLayer, id }] : [];
    });
  }

  /** What is drawn now: for each catalog layer the codes that its features carry. */
  drawnNow(): Map<string, Set<string>> {
    const found = new Map<string, Set<string>>();
    for (const feature of this.map.queryRenderedFeatures()) {
      if (!feature.sourceLayer) continue;
      const codes = found.get(feature.sourceLayer) ?? new Set<string>();
      found.set(feature.sourceLayer, codes);
      for (const value of Object.values(feature.properties)) if (typeof value === "string" && value.length <= 40) codes.add(value);
    }
    return found;
  }

  /** The province or sea, or nearer by the ward, that lies at a spot of a map too small to mean anything nearer. */
  areaAt(lon: number, lat: number): { name: string; isSea: boolean } | null {
    const layers = ["province-land", "sea"].filter((id) => this.map.getLayer(id));
    const [top] = this.map.queryRenderedFeatures(this.map.project([lon, lat]), { layers });
    if (!top) return null;
    const name: unknown = top.properties["name"];
    return { name: typeof name === "string" ? name : "", isSea: top.layer.id === "sea" };
  }

  /** Fetches again the tiles in sight that one catalog layer's change touches. */
  refresh(layer: string, change: LayerChange): void {
    for (const source of this.sourceLayers.get(layer) ?? []) {
      const tiles = change.cover === null ? undefined : tilesToRefresh(change.cover, this.inView(source));
      if (tiles === undefined) this.map.refreshTiles(source);
      else if (tiles.length > 0) this.map.refreshTiles(source, tiles.map(([z, x, y]) => ({ z, x, y })));
    }
  }

  /** Fetches everything in sight again. */
  refreshAll(): void {
    for (const source of new Set([...this.sourceLayers.values()].flatMap((sources) => [...sources]))) this.map.refreshTiles(source);
  }

  private inView(source: string): Shown {
    const box = this.map.getBounds();
    const { minzoom = 0, maxzoom = 22 } = this.map.getSource<maplibregl.VectorTileSource>(source) ?? {};
    const drawn = Math.floor(this.map.getZoom() + 1e-6);
    // Half-zoomed maps still show parents and children of the zoom that belongs to them.
    const zooms = [drawn - 1, drawn, drawn + 1].map((zoom) => Math.min(Math.max(zoom, minzoom), maxzoom));
    return { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth(), zooms: [...new Set(zooms)] };
  }

  /** Resolves when everything in sight is drawn. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      void this.map.once("idle", () => resolve());
      this.map.triggerRepaint();
    });
  }

  picture(): string {
    return this.map.getCanvas().toDataURL("image/png");
  }

  view(): View {
    const { lng, lat } = this.map.getCenter();
    return { zoom: this.map.getZoom(), lat, lon: lng };
  }

  unproject(x: number, y: number): [lon: number, lat: number] {
    const { lng, lat } = this.map.unproject([x, y]);
    return [lng, lat];
  }

  project(lon: number, lat: number): [number, number] {
    const { x, y } = this.map.project([lon, lat]);
    return [x, y];
  }

  focus(): void {
    this.map.getCanvas().focus();
  }

  resize(): void {
    this.map.resize();
  }

  remove(): void {
    this.map.remove();
  }

  /** For browser tests: the library's own map, read only. */
  get inner(): maplibregl.Map {
    return this.map;
  }
}
