/**
 * Drawing, as the page sees it: begins and ends the edit of one feature, runs the commands of buttons and keys, and tells
 * what there is to show. It writes nothing to the server; what was drawn is told to whoever listens.
 */
import { TerraDraw } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import type { CityMap } from "../../kit/map/adapter";
import { Aim } from "./aim";
import { Beside } from "./beside";
import { Editor, type Drawing, type Drawn, type Subject } from "./editor";
import { Hand } from "./hand";
import { listen, type Command } from "./keys";
import { removeLabels } from "./labels";
import { MODE, SketchMode } from "./mode";
import { Neighbourhood } from "./neighbourhood";
import { Painter } from "./painter";
import { at, bearing, planeOf, settled, type Corner } from "./plane";
import { Sharers } from "./shared";
import { cornerAt, corners, geometryOf, sketchOf, type Sketch } from "./sketch";
import type { Typed } from "./typed";
import type { SharedMove, Surroundings, View } from "./view";

export class DrawController {
  private readonly draw: TerraDraw;
  private readonly mode: SketchMode;
  private readonly around: Neighbourhood;
  private readonly aim: Aim;
  private readonly beside: Beside;
  private readonly sharers: Sharers;
  private readonly hand: Hand;
  private readonly painter: Painter;
  private editor: Editor | null = null;
  private table: Sketch | null = null;
  private isTableOpen = false;
  private isTyping = false;
  private pointerAt: Corner | null = null;
  private view_: View | null = null;
  private ends: (() => void)[] = [];
  private lastEnd: () => void = () => undefined;
  private readonly viewListeners = new Set<() => void>();
  private readonly pointerListeners = new Set<() => void>();
  private readonly changeListeners = new Set<(drawn: Drawn) => void>();
  private readonly sharedListeners = new Set<(moves: SharedMove[]) => void>();

  constructor(private readonly city: CityMap, private readonly surroundings: Surroundings) {
    const edited = () => this.editor;
    this.around = new Neighbourhood(surroundings.layers, () => {
      this.aim.forget();
      this.paint();
    });
    this.aim = new Aim(city, surroundings.place, this.around, edited);
    this.beside = new Beside(this.aim, edited);
    this.sharers = new Sharers(this.aim, this.around, surroundings, edited);
    this.hand = new Hand(this.aim, this.beside, (cursor) => this.mode.point(cursor), {
      edited,
      finish: () => this.finish(),
      moved: (move) => this.offerShared(move),
      point: (spot) => this.point(spot),
      changed: () => this.changed(),
    });
    this.mode = new SketchMode(this.hand);
    this.painter = new Painter(city, this.mode, this.aim, this.around, () => this.editor && {
      editor: this.editor, caught: this.hand.caught, ahead: this.hand.ahead, table: this.table, parallel: this.beside.line, lang: surroundings.lang?.() ?? "vi",
    });
    const adapter = new TerraDrawMapLibreGLAdapter({ map: city.inner, coordinatePrecision: 15, minPixelDragDistance: 2, minPixelDragDistanceDrawing: 8, minPixelDragDistanceSelecting: 2 });
    this.draw = new TerraDraw({ adapter, modes: [this.mode] });
    const move = (event: { lngLat: { lng: number; lat: number } }) => this.point([event.lngLat.lng, event.lngLat.lat]);
    city.inner.on("mousemove", move);
    this.lastEnd = () => city.inner.off("mousemove", move);
    // Beside `dothiMap`: what browser tests look at.
    (window as { dothiDraw?: DrawController }).dothiDraw = this;
  }

  /** Whether something is being edited: then a tap on the map is the hand's, not a question. */
  get active(): boolean {
    return this.editor !== null;
  }

  /** Every step of the shape that is edited. */
  get memory(): Drawing | null {
    return this.editor?.memory ?? null;
  }

  /** Begins to edit one feature's shape, or goes on with it; whatever was edited before is let go. */
  start(subject: Subject, kept?: Drawing): void {
    this.stop();
    const srid = subject.srid ?? this.surroundings.place.srid;
    this.editor = new Editor({ ...subject, srid }, this.surroundings.place.bounds, kept);
    const map = this.city.inner;
    this.draw.start();
    this.draw.setMode(MODE);
    const pointer = (event: PointerEvent) => {
      this.aim.touch = event.pointerType === "touch";
      const { left, top } = map.getCanvas().getBoundingClientRect();
      this.hand.downAt = this.city.unproject(event.clientX - left, event.clientY - top);
    };
    const settle = () => this.onView();
    const double = () => { if (this.editor?.open) this.finish(); };
    map.getCanvas().addEventListener("pointerdown", pointer, true);
    map.on("moveend", settle);
    map.on("dblclick", double);
    this.ends = [
      this.editor.onChange(() => this.onEdit()),
      listen({ run: (command) => this.run(command), nudges: () => this.editor?.tool === "edit" && this.editor.chosen !== null, nudge: (metres) => this.nudge(metres) }),
      () => map.getCanvas().removeEventListener("pointerdown", pointer, true),
      () => map.off("moveend", settle),
      () => map.off("dblclick", double),
    ];
    this.onView();
    this.onEdit();
  }

  /** Lets go of the feature; nothing more is told of it. */
  stop(): void {
    if (!this.editor) return;
    for (const end of this.ends) end();
    this.ends = [];
    this.editor = null;
    this.hand.letGo();
    this.beside.drop();
    this.sharers.forget();
    this.table = null;
    this.isTyping = false;
    // A map that is gone already has taken its layers along.
    if (this.city.inner.style) {
      removeLabels(this.city.inner);
      this.draw.stop();
    }
    this.tellView();
  }

  /** Before the map goes. */
  dispose(): void {
    this.stop();
    this.lastEnd();
  }

  undo(): void { this.editor?.undo(); }
  redo(): void { this.editor?.redo(); }

  /** Another shape as one step that can be taken back; a collection is not taken. */
  replace(geometry: GeoJSON.Geometry): boolean {
    const sketch = sketchOf(geometry);
    if (!this.editor || sketch?.kind !== this.editor.kind) return false;
    this.editor.replace(sketch);
    return true;
  }

  onChange(listener: (drawn: Drawn) => void): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  onShared(listener: (moves: SharedMove[]) => void): () => void {
    this.sharedListeners.add(listener);
    return () => this.sharedListeners.delete(listener);
  }

  /** Somebody published something: what is around is asked again. */
  refresh(ownWorkIsPublished = false): void {
    this.around.forget(ownWorkIsPublished);
    this.aim.forget();
    this.onView();
  }

  /** The shapes of the list of changes, so that they are caught hold of as they are there; one that is no longer in it, as the server has it. */
  changedHere(shapes: readonly { layer: string; id: string; version: number; geometry: GeoJSON.Geometry }[]): void {
    this.around.replaceOurs(shapes.flatMap(({ geometry, ...one }) => {
      const sketch = sketchOf(geometry);
      return sketch ? [{ ...one, multi: geometry.type.startsWith("Multi"), sketch }] : [];
    }));
  }

  // What the page shows, and what its buttons do.

  readonly subscribe = (listener: () => void): (() => void) => {
    this.viewListeners.add(listener);
    return () => this.viewListeners.delete(listener);
  };

  readonly view = (): View => {
    const editor = this.editor;
    return (this.view_ ??= {
      subject: editor?.subject ?? null,
      drawn: editor?.drawn ?? null,
      tool: editor?.tool ?? "edit",
      kind: editor?.kind ?? "polygon",
      multi: editor?.multi ?? false,
      snap: this.aim.snap,
      tracing: this.aim.tracing,
      square: this.aim.square,
      far: this.aim.isFar,
      hold: this.hand.caught,
      chosen: editor?.chosen ?? null,
      open: editor?.open?.path ?? null,
      parallel: editor?.tool === "offset" ? { metres: this.beside.metres, picked: this.beside.isPicked } : null,
      shared: this.sharers.offered === null ? null : { features: this.sharers.offered },
      sharedDone: this.sharers.done,
      typing: this.isTyping,
      table: this.isTableOpen,
    });
  };

  readonly subscribePointer = (listener: () => void): (() => void) => {
    this.pointerListeners.add(listener);
    return () => this.pointerListeners.delete(listener);
  };

  /** Where the pointer is, or what it has caught. */
  readonly pointer = (): Corner | null => this.pointerAt;

  titleOf(layer: string): string {
    return this.surroundings.title?.(layer) ?? layer;
  }

  /** The zone in which the page speaks, and the box of the place. */
  get srid(): number | null {
    return this.editor?.subject.srid ?? this.surroundings.place.srid;
  }

  get bounds(): Surroundings["place"]["bounds"] {
    return this.surroundings.place.bounds;
  }

  run(command: Command): void {
    const { aim, editor } = this;
    if (command === "table") this.setTable(!this.isTableOpen);
    if (command === "type") this.setTyping(!this.isTyping);
    if (!editor) return;
    switch (command) {
      case "edit": case "draw": case "hole": case "offset":
        this.beside.drop();
        this.hand.letGo();
        editor.setTool(command);
        break;
      case "snap": aim.snap = !aim.snap; break;
      case "trace": aim.tracing = aim.tracing === "off" ? "shorter" : aim.tracing === "shorter" ? "longer" : "off"; break;
      case "square": aim.square = !aim.square; break;
      case "undo": editor.undo(); break;
      case "redo": editor.redo(); break;
      case "finish": this.finish(); break;
      case "cancel": this.cancel(); break;
      case "remove": editor.removeCorner(); break;
      case "removePath": editor.removePath(); break;
      case "next": this.walk(1); break;
      case "previous": this.walk(-1); break;
      case "type": case "table": break;
    }
    this.changed();
  }

  setTyping(open: boolean): void {
    this.isTyping = open;
    this.tellView();
  }

  setTable(open: boolean): void {
    this.isTableOpen = open;
    if (!open) this.preview(null);
    this.tellView();
  }

  /** Shows a sketch that is not taken yet, and moves to it when asked. */
  preview(sketch: Sketch | null, moveThere = false): void {
    this.table = sketch;
    const geometry = sketch && geometryOf(sketch);
    if (moveThere && sketch && geometry) this.show(sketch.parts.flat(2));
    this.paint();
  }

  /** Takes a sketch as the shape, as one step. */
  take(sketch: Sketch): void {
    this.table = null;
    this.editor?.replace(sketch);
  }

  goTo(spot: Corner): void {
    this.city.goTo({ lon: spot[0], lat: spot[1], zoom: Math.max(18, this.city.inner.getZoom()) }, { top: 0, bottom: 0, left: 0, right: 0 });
  }

  /** Moves to the shape that is edited. */
  showShape(): void {
    const editor = this.editor;
    if (editor) this.show([...editor.sketch.parts.flat(2), ...(editor.open?.path ?? [])]);
  }

  private show(spots: readonly Corner[]): void {
    const lons = spots.map(([lon]) => lon), lats = spots.map(([, lat]) => lat);
    if (spots.length > 0) this.city.goTo({ box: [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], maxZoom: 20 }, { top: 90, bottom: 90, left: 90, right: 90 });
  }

  /** Where a typed length or coordinate would put the next corner; null when it cannot be told. */
  spotOf(typed: Typed): Corner | null {
    switch (typed.kind) {
      case "unclear": return null;
      case "degrees": return [typed.lon, typed.lat];
      case "grid": {
        const srid = this.srid;
        if (srid === null) return null;
        const plane = planeOf(srid, this.surroundings.place.bounds ? [this.surroundings.place.bounds[0], this.surroundings.place.bounds[1]] : [106, 16]);
        return plane.srid === null ? null : plane.from([typed.east, typed.north]);
      }
      case "polar": {
        const last = this.last;
        if (!last) return null;
        const plane = this.aim.planeAt(last), from = plane.to(last);
        const towards = typed.bearing ?? (this.hand.ahead ? bearing(from, plane.to(this.hand.ahead.to)) : this.pointerAt ? bearing(from, plane.to(this.pointerAt)) : 0);
        return settled(plane.from(at(from, typed.length, towards)), plane);
      }
    }
  }

  /** The corner that a typed length starts from. */
  get last(): Corner | null {
    const editor = this.editor;
    const path = editor?.open?.path;
    if (path) return path[path.length - 1] ?? null;
    return editor?.chosen ? (cornerAt(editor.sketch, editor.chosen) ?? null) : null;
  }

  /** Puts down a corner at a typed spot, or moves the chosen one there. */
  placeAt(spot: Corner): void {
    const editor = this.editor;
    if (!editor) return;
    if (editor.tool === "edit" && editor.chosen) this.offerShared(editor.moveChosen(spot));
    else if (editor.tool === "draw" || editor.tool === "hole") editor.place(spot);
    if (!this.city.inSight(spot[0], spot[1], { top: 0, bottom: 0, left: 0, right: 0 })) this.goTo(spot);
  }

  /** The distance of the parallel; it is drawn anew. */
  setOffset(metres: number): void {
    this.beside.metres = metres;
    this.changed();
  }

  acceptParallel(): void {
    if (this.beside.accept()) this.paint();
  }

  /** Lets the corners of others follow, as changes to their shapes. */
  acceptShared(): void {
    const moves = this.sharers.accept();
    if (!moves) return;
    for (const listener of [...this.sharedListeners]) listener(moves);
    this.changed();
  }

  leaveShared(): void {
    this.sharers.leave();
    this.tellView();
  }

  private finish(): void {
    this.hand.letGo();
    if (this.editor?.tool === "offset") this.acceptParallel();
    else this.editor?.finish();
  }

  private cancel(): void {
    if (this.sharers.offered !== null) this.leaveShared();
    else if (this.isTyping) this.setTyping(false);
    else if (this.beside.isPicked) this.beside.drop();
    else if (this.editor?.open || this.editor?.chosen) this.editor.cancel();
    else if (this.editor && this.editor.tool !== "edit" && this.editor.sketch.parts.length > 0) this.editor.setTool("edit");
    this.hand.letGo();
  }

  /** Where others have the corner that has moved, they may follow. */
  private offerShared(move: { from: Corner; to: Corner } | null): void {
    if (!move) return;
    this.sharers.offer(move);
    this.tellView();
  }

  private walk(step: number): void {
    const editor = this.editor!;
    const all = [...corners(editor.sketch)].map(([address]) => address);
    if (all.length === 0) return;
    const chosen = editor.chosen;
    const now = chosen ? all.findIndex((one) => one.part === chosen.part && one.path === chosen.path && one.corner === chosen.corner) : step > 0 ? -1 : 0;
    const next = all[(now + step + all.length) % all.length]!;
    editor.setTool("edit");
    editor.choose(next);
    const spot = cornerAt(editor.sketch, next);
    if (spot && !this.city.inSight(spot[0], spot[1], { top: 0, bottom: 0, left: 0, right: 0 })) this.goTo(spot);
  }

  private nudge([east, north]: readonly [number, number]): void {
    const editor = this.editor!, spot = cornerAt(editor.sketch, editor.chosen!);
    if (!spot) return;
    const plane = this.aim.planeAt(spot), [x, y] = plane.to(spot);
    editor.moveChosen(settled(plane.from([x + east, y + north]), plane));
  }

  // What is seen.

  private onView(): void {
    const map = this.city.inner;
    if (this.editor && !this.aim.isFar) {
      const box = map.getBounds();
      // The middle of what is seen, so that the first touch finds its neighbours; the rest comes with the hand.
      const { lng, lat } = map.getCenter();
      const lon = Math.min(0.003, (box.getEast() - box.getWest()) / 2), half = Math.min(0.003, (box.getNorth() - box.getSouth()) / 2);
      void this.around.load([lng - lon, lat - half, lng + lon, lat + half]);
    }
    this.changed();
  }

  private onEdit(): void {
    const drawn = this.editor?.drawn;
    if (!drawn) return;
    this.mode.setBegun(drawn.drawing);
    for (const listener of [...this.changeListeners]) listener(drawn);
    this.changed();
  }

  private paint(): void {
    this.painter.paint();
  }

  private changed(): void {
    this.paint();
    this.tellView();
  }

  private point(spot: Corner): void {
    this.pointerAt = spot;
    for (const listener of [...this.pointerListeners]) listener();
  }

  private tellView(): void {
    this.view_ = null;
    for (const listener of [...this.viewListeners]) listener();
  }
}
