/**
 * The hand on the map: joins Terra Draw's events, the features around, the editor and the page. It writes nothing to the
 * server; what was drawn is told to whoever listens. One class, because every event reads and changes the same few fields.
 */
import { TerraDraw, type TerraDrawMouseEvent } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import type { CityMap } from "../../kit/map/adapter";
import { isRightOf, parallel, squareClose, squared } from "./construct";
import { Editor, type Drawn, type Subject } from "./editor";
import { frameOf } from "./frame";
import { cornerUnder, middleUnder } from "./hits";
import { listen, type Command } from "./keys";
import { labelsOf, removeLabels, showLabels } from "./labels";
import { MODE, SketchMode, type Hands } from "./mode";
import { Neighbourhood } from "./neighbourhood";
import { at, bearing, distance, planeOf, settled, type Corner, type Plane } from "./plane";
import { movesOf, type Shared } from "./shared";
import { cornerAt, corners, geometryOf, pathAt, sketchOf, type Address, type Path, type Sketch } from "./sketch";
import { Candidate, holdAt, sharersOf, trace, type Hold, type Neighbour } from "./snap";
import type { Typed } from "./typed";
import type { SharedMove, Surroundings, Tracing, View } from "./view";

/** Below this zoom a pixel is more than a metre, and there would be thousands of features to hold on to. */
const SNAP_ZOOM = 16.5;
const REACH_MOUSE = 11, REACH_TOUCH = 22;

type Ahead = { way: readonly Corner[]; to: Corner; hold: Hold | null };

export class DrawController {
  private readonly draw: TerraDraw;
  private readonly mode: SketchMode;
  private readonly around: Neighbourhood;
  private editor: Editor | null = null;
  private snap = true;
  private tracing: Tracing = "off";
  private square = false;
  private ahead: Ahead | null = null;
  private caught: Hold | null = null;
  private table: Sketch | null = null;
  private isTableOpen = false;
  private isTyping = false;
  private touch = false;
  /** Where the finger or the button went down: a drag is told of only after it has moved on. */
  private downAt: Corner | null = null;
  private picked: { path: Path; isRing: boolean; metres: number; side: Corner } | null = null;
  private shared: Shared | null = null;
  private sharedDone = 0;
  private pointerAt: Corner | null = null;
  private view_: View | null = null;
  private ends: (() => void)[] = [];
  private lastEnd: () => void = () => undefined;
  private queue: Promise<void> = Promise.resolve();
  private candidatesOf: { neighbours: readonly Neighbour[]; made: Candidate[] } | null = null;
  private readonly viewListeners = new Set<() => void>();
  private readonly pointerListeners = new Set<() => void>();
  private readonly changeListeners = new Set<(drawn: Drawn) => void>();
  private readonly sharedListeners = new Set<(moves: SharedMove[]) => void>();

  constructor(private readonly city: CityMap, private readonly surroundings: Surroundings) {
    const hands: Hands = {
      click: (event) => this.onClick(event),
      move: (event) => this.onMove(event),
      grab: (event) => this.onGrab(event),
      drag: (event) => this.onDrag(event),
      drop: () => this.onDrop(),
    };
    this.mode = new SketchMode(hands);
    const adapter = new TerraDrawMapLibreGLAdapter({ map: city.inner, coordinatePrecision: 15, minPixelDragDistance: 2, minPixelDragDistanceDrawing: 8, minPixelDragDistanceSelecting: 2 });
    this.draw = new TerraDraw({ adapter, modes: [this.mode] });
    this.around = new Neighbourhood(surroundings.layers, () => {
      this.candidatesOf = null;
      this.paint();
    });
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

  /** Begins to edit one feature's shape; whatever was edited before is let go. */
  start(subject: Subject): void {
    this.stop();
    const srid = subject.srid ?? this.surroundings.place.srid;
    this.editor = new Editor({ ...subject, srid }, this.surroundings.place.bounds);
    const map = this.city.inner;
    this.draw.start();
    this.draw.setMode(MODE);
    const pointer = (event: PointerEvent) => {
      this.touch = event.pointerType === "touch";
      const { left, top } = map.getCanvas().getBoundingClientRect();
      this.downAt = this.city.unproject(event.clientX - left, event.clientY - top);
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
    this.ahead = this.caught = this.table = this.picked = this.shared = null;
    this.sharedDone = 0;
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
    this.candidatesOf = null;
    this.onView();
  }

  /** A shape of the list of changes, so that it is caught hold of as it is there. */
  changedHere(layer: string, id: string, version: number, geometry: GeoJSON.Geometry): void {
    const sketch = sketchOf(geometry);
    if (sketch) this.around.override({ layer, id, version, multi: geometry.type.startsWith("Multi"), sketch });
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
      snap: this.snap,
      tracing: this.tracing,
      square: this.square,
      far: this.city.inner.getZoom() < SNAP_ZOOM,
      hold: this.caught,
      chosen: editor?.chosen ?? null,
      open: editor?.open?.path ?? null,
      parallel: editor?.tool === "offset" ? { metres: this.picked?.metres ?? 2, picked: this.picked !== null } : null,
      shared: this.shared ? { features: this.shared.sharers.length } : null,
      sharedDone: this.sharedDone,
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
    const editor = this.editor;
    if (command === "table") this.setTable(!this.isTableOpen);
    if (command === "type") this.setTyping(!this.isTyping);
    if (!editor) return;
    switch (command) {
      case "edit": case "draw": case "hole": case "offset":
        this.picked = null;
        this.ahead = this.caught = null;
        editor.setTool(command);
        break;
      case "snap": this.snap = !this.snap; break;
      case "trace": this.tracing = this.tracing === "off" ? "shorter" : this.tracing === "shorter" ? "longer" : "off"; break;
      case "square": this.square = !this.square; break;
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
    this.paint();
    this.tellView();
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
        const plane = this.planeAt(last), from = plane.to(last);
        const towards = typed.bearing ?? (this.ahead ? bearing(from, plane.to(this.ahead.to)) : this.pointerAt ? bearing(from, plane.to(this.pointerAt)) : 0);
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
    if (this.picked) this.picked = { ...this.picked, metres };
    this.paint();
    this.tellView();
  }

  acceptParallel(): void {
    const picked = this.picked;
    if (!picked || !this.editor) return;
    this.picked = null;
    this.editor.addParallel(picked.path, this.signed(picked), picked.isRing);
    this.paint();
  }

  /** Lets the corners of others follow, as changes to their shapes. */
  acceptShared(): void {
    const shared = this.shared;
    this.shared = null;
    if (!shared) return;
    const moves = movesOf(shared, this.surroundings, (neighbour) => this.around.override(neighbour));
    this.sharedDone = moves.length;
    for (const listener of [...this.sharedListeners]) listener(moves);
    this.paint();
    this.tellView();
  }

  leaveShared(): void {
    this.shared = null;
    this.tellView();
  }

  // The hand.

  private planeAt(near: Corner): Plane {
    return this.editor ? this.editor.planeAt(near) : planeOf(this.srid, near);
  }

  private spotUnder(event: TerraDrawMouseEvent): Corner {
    return [event.lng, event.lat];
  }

  private metresOf(pixels: number): number {
    const { lat } = this.city.inner.getCenter();
    return (pixels * 40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** this.city.inner.getZoom());
  }

  private get reach(): number {
    return this.metresOf(this.touch ? REACH_TOUCH : REACH_MOUSE);
  }

  private candidates(plane: Plane, dragged?: Address): Candidate[] {
    const editor = this.editor!;
    if (!this.candidatesOf) {
      const neighbours = this.around.all(editor.subject);
      this.candidatesOf = { neighbours, made: neighbours.map((one) => new Candidate(one, one.sketch, plane)) };
    }
    // A corner that is dragged must not be caught by its own border: that would only make two corners of one.
    const others: Sketch = { ...editor.sketch, parts: editor.sketch.parts.map((paths, i) => (i === dragged?.part ? paths.map((path, j) => (j === dragged.path ? [] : path)) : paths)) };
    const mine: Candidate[] = [new Candidate(null, others, plane)];
    if (editor.open && editor.open.path.length > 2) mine.push(new Candidate(null, { kind: "line", parts: [[editor.open.path.slice(0, -1)]] }, plane));
    return [...mine, ...this.candidatesOf.made];
  }

  /** Where a corner would go that is put down here. */
  private resolve(spot: Corner, held: readonly string[], dragged?: Address): Ahead {
    const editor = this.editor!;
    const plane = this.planeAt(spot);
    const free = held.includes("Alt");
    const hold = this.snap && !free && this.city.inner.getZoom() >= SNAP_ZOOM ? holdAt(spot, this.candidates(plane, dragged), plane, this.reach) : null;
    const path = dragged ? undefined : editor.open?.path;
    const last = path?.[path.length - 1];
    const isSquare = this.square !== held.includes("Shift");
    let to = hold?.corner ?? settled(spot, plane);
    if (last && isSquare && hold?.kind !== "corner") {
      const metres = path!.map(plane.to), here = plane.to(spot);
      const closing = editor.kind === "polygon" ? squareClose(here, metres, this.reach * 1.5) : null;
      to = settled(plane.from(closing ?? squared(here, metres[metres.length - 1]!, metres[metres.length - 2] ?? null)), plane);
      return { to, way: [], hold: null };
    }
    const way = last && hold && this.tracing !== "off" ? (trace(last, to, this.around.all(editor.subject), this.tracing, plane) ?? []) : [];
    return { to, way, hold };
  }

  private async ready(spot: Corner): Promise<void> {
    if (!this.snap || this.city.inner.getZoom() < SNAP_ZOOM || this.around.isHere(spot)) return;
    // A slow line must not hold the hand up for long: after that the corner goes where it was put.
    await Promise.race([this.around.load([spot[0], spot[1], spot[0], spot[1]]), new Promise((go) => setTimeout(go, 3000))]);
  }

  private onMove(event: TerraDrawMouseEvent): void {
    const editor = this.editor;
    if (!editor) return;
    const spot = this.spotUnder(event);
    if (this.snap && this.city.inner.getZoom() >= SNAP_ZOOM) void this.around.load([spot[0], spot[1], spot[0], spot[1]]);
    if (editor.tool === "edit") {
      const under = this.cornerUnder(spot) ?? this.middleUnder(spot);
      this.mode.point(under ? "move" : "grab");
      this.ahead = this.caught = null;
      this.point(spot);
    } else {
      this.mode.point("crosshair");
      this.ahead = this.resolve(spot, event.heldKeys);
      this.caught = this.ahead.hold;
      this.point(this.ahead.to);
      if (editor.tool === "offset" && this.picked) this.picked = { ...this.picked, side: spot };
    }
    this.paint();
    this.tellView();
  }

  private onClick(event: TerraDrawMouseEvent): void {
    const spot = this.spotUnder(event);
    // What is around a first tap is still on its way: taps wait for it, in their order.
    this.queue = this.queue.then(() => this.ready(spot)).then(() => this.act(spot, event.heldKeys));
  }

  private act(spot: Corner, held: readonly string[]): void {
    const editor = this.editor;
    if (!editor) return;
    switch (editor.tool) {
      case "edit": {
        const middle = this.middleUnder(spot), corner = this.cornerUnder(spot);
        if (corner) editor.choose(corner);
        else if (middle) editor.insert(middle.address, middle.spot);
        else editor.choose(null);
        break;
      }
      case "offset": this.pick(spot); break;
      case "draw": case "hole": {
        const path = editor.open?.path ?? [];
        const first = path[0], last = path[path.length - 1], reach = this.reach;
        const isOn = (one: Corner | undefined) => one && distance(this.planeAt(spot).to(one), this.planeAt(spot).to(spot)) <= reach;
        const closes = editor.kind === "polygon" ? path.length >= 3 && (isOn(first) || isOn(last)) : path.length >= 2 && isOn(last);
        if (closes) this.finish();
        else if (!isOn(last) || path.length === 0) {
          const { to, way } = this.resolve(spot, held);
          editor.place(to, way);
        }
        break;
      }
    }
    this.ahead = this.caught = null;
    this.paint();
    this.tellView();
  }

  private finish(): void {
    this.ahead = this.caught = null;
    if (this.editor?.tool === "offset") this.acceptParallel();
    else this.editor?.finish();
  }

  private cancel(): void {
    if (this.shared) this.leaveShared();
    else if (this.isTyping) this.setTyping(false);
    else if (this.picked) this.picked = null;
    else if (this.editor?.open || this.editor?.chosen) this.editor.cancel();
    else if (this.editor && this.editor.tool !== "edit" && this.editor.sketch.parts.length > 0) this.editor.setTool("edit");
    this.ahead = this.caught = null;
  }

  private onGrab(event: TerraDrawMouseEvent): boolean {
    const editor = this.editor;
    if (!editor || editor.tool !== "edit") return false;
    const spot = this.downAt ?? this.spotUnder(event);
    const corner = this.cornerUnder(spot), middle = corner ? null : this.middleUnder(spot);
    if (middle) editor.insert(middle.address, middle.spot);
    const address = corner ?? middle?.address;
    if (!address) return false;
    void this.ready(spot);
    editor.grab(address);
    return true;
  }

  private onDrag(event: TerraDrawMouseEvent): void {
    const editor = this.editor;
    if (!editor?.chosen) return;
    const spot = this.spotUnder(event);
    void this.around.load([spot[0], spot[1], spot[0], spot[1]]);
    const { to, hold } = this.resolve(spot, event.heldKeys, editor.chosen);
    this.caught = hold;
    this.point(to);
    editor.drag(to);
  }

  private onDrop(): void {
    this.caught = null;
    this.offerShared(this.editor?.drop() ?? null);
    this.paint();
    this.tellView();
  }

  /** Where others have the corner that has moved, they may follow. */
  private offerShared(move: { from: Corner; to: Corner } | null): void {
    if (!move || !this.editor) return;
    this.sharedDone = 0;
    const sharers = sharersOf(move.from, this.around.all(this.editor.subject), this.planeAt(move.from));
    this.shared = sharers.length > 0 ? { ...move, sharers } : null;
    this.tellView();
  }

  private pick(spot: Corner): void {
    const plane = this.planeAt(spot);
    const hold = holdAt(spot, this.candidates(plane), plane, this.reach * 1.5);
    const sketch = hold && (hold.of?.sketch ?? this.editor!.sketch);
    const path = hold && sketch && pathAt(sketch, hold.address);
    if (this.picked && !hold) this.acceptParallel();
    else if (path && sketch.kind !== "point") this.picked = { path, isRing: sketch.kind === "polygon", metres: this.picked?.metres ?? 2, side: spot };
  }

  private signed({ path, isRing, metres, side }: NonNullable<typeof this.picked>): number {
    const plane = this.planeAt(side);
    return isRightOf(plane.to(side), path.map(plane.to), isRing) ? metres : -metres;
  }

  private cornerUnder(spot: Corner): Address | null {
    return cornerUnder(this.editor!.sketch, spot, this.planeAt(spot), this.reach);
  }

  private middleUnder(spot: Corner): { address: Address; spot: Corner } | null {
    return middleUnder(this.editor!.sketch, spot, this.planeAt(spot), this.reach, this.metresOf(44));
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
    const plane = this.planeAt(spot), [x, y] = plane.to(spot);
    editor.moveChosen(settled(plane.from([x + east, y + north]), plane));
  }

  // What is seen.

  private onView(): void {
    const map = this.city.inner;
    if (this.editor && map.getZoom() >= SNAP_ZOOM) {
      const box = map.getBounds();
      // The middle of what is seen, so that the first touch finds its neighbours; the rest comes with the hand.
      const { lng, lat } = map.getCenter();
      const lon = Math.min(0.003, (box.getEast() - box.getWest()) / 2), half = Math.min(0.003, (box.getNorth() - box.getSouth()) / 2);
      void this.around.load([lng - lon, lat - half, lng + lon, lat + half]);
    }
    this.paint();
    this.tellView();
  }

  private onEdit(): void {
    const drawn = this.editor?.drawn;
    if (!drawn) return;
    this.mode.setBegun(drawn.drawing);
    for (const listener of [...this.changeListeners]) listener(drawn);
    this.paint();
    this.tellView();
  }

  private frame: number | null = null;

  /** Draws once a frame, however much happened in it. */
  private paint(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paintNow();
    });
  }

  private paintNow(): void {
    const editor = this.editor;
    if (!editor) return;
    const first = editor.sketch.parts[0]?.[0]?.[0] ?? editor.open?.path[0] ?? null;
    const plane = first ? this.planeAt(first) : null;
    const box = this.city.inner.getBounds();
    const inSight = ([lon, lat]: Corner) => lon > box.getWest() && lon < box.getEast() && lat > box.getSouth() && lat < box.getNorth();
    const picked = this.picked;
    const beside = picked && plane !== null ? this.besidePicked(picked) : picked ? this.besidePicked(picked) : null;
    this.mode.show(frameOf({
      editor, hold: this.caught, ahead: this.ahead, table: this.table, parallel: beside, problems: editor.drawn.problems,
      isShared: this.sharedTest(plane), inSight, metresPerPixel: this.metresOf(1), plane,
    }));
    const lang = this.surroundings.lang?.() ?? "vi", project = ([lon, lat]: Corner) => this.city.project(lon, lat);
    const straight = this.ahead && this.ahead.way.length === 0 ? this.ahead.to : null;
    showLabels(this.city.inner, plane ? labelsOf({ editor, plane, lang, project, inSight, ahead: straight }) : []);
  }

  private besidePicked(picked: NonNullable<typeof this.picked>): Corner[] {
    const plane = this.planeAt(picked.side);
    const path = parallel(picked.path.map(plane.to), this.signed(picked), picked.isRing).map(plane.from);
    return picked.isRing && path[0] ? [...path, path[0]] : path;
  }

  /** Corners that neighbours have too, told by rounded degrees: a mark, not a measure. */
  private sharedTest(plane: Plane | null): (spot: Corner) => boolean {
    if (!plane || this.city.inner.getZoom() < SNAP_ZOOM) return () => false;
    const key = ([lon, lat]: Corner) => `${Math.round(lon * 1e8)}/${Math.round(lat * 1e8)}`;
    const known = new Set(this.around.all(this.editor!.subject).flatMap((one) => one.sketch.parts.flat(2).map(key)));
    return (spot) => known.has(key(spot));
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
