/**
 * One feature's shape while somebody works on it: what is whole, what is being drawn, what is chosen, and every step back.
 * It knows no map and no server.
 */
import { parallel } from "./construct";
import { History, type Memory } from "./history";
import { areaOf, lengthOf } from "./measure";
import { planeOf, settled, type Corner, type Plane } from "./plane";
import { isRefused, problemsOf, type Problem } from "./problems";
import { cornerAt, emptySketch, geometryOf, inserted, isInside, moved, pathAt, removed, serverGeometry, sketchOf, withHole, withoutPath, withPart, type Address, type Kind, type Path, type Sketch } from "./sketch";

export type Tool = "edit" | "draw" | "hole" | "offset";

/** A path that is not whole yet. */
export interface Open { path: Path; as: "part" | "hole" }

interface State { sketch: Sketch; open: Open | null; chosen: Address | null }

/** A shape with every step of it, to go on with later. */
export type Drawing = Memory<State>;

/** What is edited. */
export interface Subject {
  layer: string;
  /** The object; null for a new one. */
  id: string | null;
  /** The catalog's word: `point`, `line`, `polygon`, `multi…`, `any`. */
  geometry: string;
  /** WGS 84 GeoJSON; null for a new one. */
  shape: GeoJSON.Geometry | null;
  /** The layer's legal truth is a VN-2000 zone. */
  legal: boolean;
  /** That zone, or the one in which the place measures. */
  srid: number | null;
}

/** What the page hears after every change. */
export interface Drawn {
  subject: Subject;
  geometry: GeoJSON.Geometry | null;
  /** For an operation: metres with `srid` where the layer is legal, else WGS 84. */
  server: (GeoJSON.Geometry & { srid?: number }) | null;
  problems: Problem[];
  refused: boolean;
  /** A path is begun and not finished. */
  drawing: boolean;
  area: number;
  length: number;
  canUndo: boolean;
  canRedo: boolean;
}

const kindOf = (word: string, shape: GeoJSON.Geometry | null): Kind => {
  if (word.includes("point")) return "point";
  if (word.includes("line")) return "line";
  if (word.includes("polygon")) return "polygon";
  return (shape && sketchOf(shape)?.kind) ?? "polygon";
};

const least = (kind: Kind): number => ({ point: 1, line: 2, polygon: 3 })[kind];

export class Editor {
  private readonly history: History<State>;
  private readonly listeners = new Set<() => void>();
  readonly kind: Kind;
  /** Whether several parts are allowed. */
  readonly multi: boolean;
  private plane_: Plane | null = null;
  private said: Drawn | null = null;
  private tool_: Tool;

  constructor(readonly subject: Subject, private readonly bounds: readonly [number, number, number, number] | null, kept?: Drawing) {
    this.kind = kindOf(subject.geometry, subject.shape);
    this.multi = subject.geometry.startsWith("multi");
    const sketch = (subject.shape && sketchOf(subject.shape)) ?? emptySketch(this.kind);
    this.history = new History<State>({ sketch, open: null, chosen: null }, kept);
    this.tool_ = this.open ? (this.open.as === "hole" ? "hole" : "draw") : this.sketch.parts.length > 0 ? "edit" : "draw";
  }

  /** What is worth keeping now; nothing while a corner hangs on the hand. */
  get memory(): Drawing | null { return this.dragFrom ? null : this.history.memory; }
  get sketch(): Sketch { return this.history.now.sketch; }
  get open(): Open | null { return this.history.now.open; }
  get chosen(): Address | null { return this.history.now.chosen; }
  get tool(): Tool { return this.tool_; }

  /** The metres in use; fixed by the first corner that is known, so that nothing moves under the hand. */
  planeAt(near: Corner): Plane {
    return (this.plane_ ??= planeOf(this.subject.srid, this.sketch.parts[0]?.[0]?.[0] ?? this.open?.path[0] ?? near));
  }

  setTool(tool: Tool): void {
    if (tool === "hole" && (this.kind !== "polygon" || this.sketch.parts.length === 0)) return;
    if (this.open && tool !== this.tool_) this.cancel();
    this.tool_ = tool;
    this.tell();
  }

  /** Puts down the next corner; `way` are corners on the path to it. Returns whether that finished the path. */
  place(spot: Corner, way: readonly Corner[] = []): boolean {
    const { sketch, open } = this.history.now;
    if (this.kind === "point") {
      const next: Sketch = this.multi ? withPart(sketch, [spot]) : { kind: "point", parts: [[[spot]]] };
      this.step({ sketch: next, open: null, chosen: null });
      if (!this.multi) this.tool_ = "edit";
      this.tell();
      return true;
    }
    const path = [...(open?.path ?? []), ...way, spot];
    this.step({ sketch, open: { path, as: this.tool_ === "hole" ? "hole" : "part" }, chosen: null });
    return false;
  }

  /** Makes the begun path whole. Nothing happens while it has too few corners. */
  finish(): boolean {
    const { sketch, open } = this.history.now;
    if (!open || open.path.length < least(this.kind)) return false;
    let next: Sketch;
    if (open.as === "hole") next = withHole(sketch, this.partAround(open.path), open.path);
    else next = this.multi || sketch.parts.length === 0 ? withPart(sketch, open.path) : { kind: this.kind, parts: [[open.path]] };
    this.tool_ = "edit";
    this.step({ sketch: next, open: null, chosen: null });
    return true;
  }

  /** The part whose ring holds a path's first corner; else the last one, and then the problem is told. */
  private partAround(path: Path): number {
    const at = this.sketch.parts.findIndex((part) => part[0] && path.some((spot) => isInside(spot, part[0]!)));
    return at >= 0 ? at : this.sketch.parts.length - 1;
  }

  /** Gives up the begun path. */
  cancel(): void {
    const { sketch, open } = this.history.now;
    if (open) this.step({ sketch, open: null, chosen: null });
    else this.choose(null);
  }

  choose(address: Address | null): void {
    this.history.restate({ ...this.history.now, chosen: address });
    this.tell();
  }

  private dragFrom: State | null = null;

  /** A corner is taken hold of; it moves with `drag` and is one step when `drop`ped. */
  grab(address: Address): void {
    this.dragFrom = { ...this.history.now, chosen: address };
    this.choose(address);
  }

  drag(to: Corner): void {
    const chosen = this.dragFrom?.chosen;
    if (!this.dragFrom || !chosen) return;
    this.history.restate({ ...this.dragFrom, sketch: moved(this.dragFrom.sketch, chosen, to) });
    this.tell();
  }

  /** The corner stays where it is; says from where to where it went, or null when it did not move. */
  drop(): { from: Corner; to: Corner } | null {
    const before = this.dragFrom, after = this.history.now;
    this.dragFrom = null;
    const from = before?.chosen && cornerAt(before.sketch, before.chosen), to = after.chosen && cornerAt(after.sketch, after.chosen);
    if (!before || !from || !to || (from[0] === to[0] && from[1] === to[1])) return null;
    this.history.restate(before);
    this.step(after);
    return { from, to };
  }

  moveChosen(to: Corner): { from: Corner; to: Corner } | null {
    if (!this.chosen) return null;
    this.grab(this.chosen);
    this.drag(to);
    return this.drop();
  }

  insert(address: Address, spot: Corner): void {
    this.step({ sketch: inserted(this.sketch, address, spot), open: null, chosen: address });
  }

  /** Takes out the chosen corner, or the last of the begun path. */
  removeCorner(): void {
    const { sketch, open, chosen } = this.history.now;
    if (open) {
      const path = open.path.slice(0, -1);
      this.step({ sketch, open: path.length > 0 ? { ...open, path } : null, chosen: null });
    } else if (chosen && pathAt(sketch, chosen)) this.step({ sketch: removed(sketch, chosen), open: null, chosen: null });
  }

  /** Takes out the hole, or the whole part, that the chosen corner belongs to. */
  removePath(): void {
    if (this.chosen) this.step({ sketch: withoutPath(this.sketch, this.chosen), open: null, chosen: null });
  }

  /** Another shape altogether: a pasted table, the server's version, a neighbour's move. */
  replace(sketch: Sketch): void {
    this.tool_ = "edit";
    this.step({ sketch, open: null, chosen: null });
  }

  /** A parallel of a path: a new part where several are allowed or none is there, else it takes the shape's place. */
  addParallel(path: Path, metres: number, isRing: boolean): void {
    if (this.kind === "point" || !path[0]) return;
    const plane = this.planeAt(path[0]);
    const beside = parallel(path.map(plane.to), metres, isRing).map((spot) => settled(plane.from(spot), plane));
    if (beside.length < least(this.kind)) return;
    const empty = this.sketch.parts.length === 0;
    this.replace(this.multi || empty ? withPart(this.sketch, beside) : { kind: this.kind, parts: [[beside]] });
  }

  undo(): void {
    if (this.history.undo()) this.afterStep();
  }

  redo(): void {
    if (this.history.redo()) this.afterStep();
  }

  private step(next: State): void {
    this.history.step(next);
    this.afterStep();
  }

  private afterStep(): void {
    const { open } = this.history.now;
    if (open) this.tool_ = open.as === "hole" ? "hole" : "draw";
    else if (this.sketch.parts.length === 0 && this.tool_ === "edit") this.tool_ = "draw";
    this.tell();
  }

  /** The state as the page hears it, reckoned once for each change. */
  get drawn(): Drawn {
    if (this.said) return this.said;
    const { sketch, open } = this.history.now;
    const first = sketch.parts[0]?.[0]?.[0] ?? open?.path[0];
    const plane = first ? this.planeAt(first) : null;
    // The begun path is looked through as if it were finished now; that it has few corners yet is no fault.
    const begun = open && plane && open.path.length > least(this.kind) ? problemsOf({ kind: this.kind, parts: [[open.path]] }, plane) : [];
    const problems = [...(plane ? problemsOf(sketch, plane, this.bounds) : []), ...begun].filter((one) => !(open && (one.rule === "none" || one.rule === "few" || one.rule === "small")));
    const shown: Sketch = open && open.as === "part" ? { kind: this.kind, parts: [...(this.multi ? sketch.parts : []), [open.path]] } : sketch;
    const multi = this.multi || (this.kind === "point" && sketch.parts.length > 1);
    this.said = {
      subject: this.subject,
      geometry: geometryOf(sketch, multi),
      server: plane ? serverGeometry(sketch, multi, this.subject.legal ? plane : { ...plane, srid: null }) : null,
      problems: plane || open ? problems : [{ rule: "none", effect: "refuse", place: null, values: {} }],
      refused: isRefused(problems) || sketch.parts.length === 0,
      drawing: open !== null,
      area: plane ? areaOf(shown, plane) : 0,
      length: plane ? lengthOf(shown, plane) : 0,
      canUndo: this.history.canUndo,
      canRedo: this.history.canRedo,
    };
    return this.said;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    this.said = null;
    for (const listener of [...this.listeners]) listener();
  }
}
