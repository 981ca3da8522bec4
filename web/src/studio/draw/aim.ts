/** Where a corner goes: what lies under the pointer, what it catches hold of there, and what Shift and Alt make of it. */
import type { CityMap } from "../../kit/map/adapter";
import { squareClose, squared } from "./construct";
import type { Editor } from "./editor";
import { cornerUnder, middleUnder } from "./hits";
import type { Neighbourhood } from "./neighbourhood";
import { distance, planeOf, settled, type Corner, type Plane } from "./plane";
import type { Address, Sketch } from "./sketch";
import { Candidate, holdAt, trace, type Hold, type Neighbour } from "./snap";
import type { Surroundings, Tracing } from "./view";

/** Below this zoom a pixel is more than a metre, and there would be thousands of features to hold on to. */
const SNAP_ZOOM = 16.5;
const REACH_MOUSE = 11, REACH_TOUCH = 22;

/** The next corner, the way to it along a border, and what it has caught. */
export interface Ahead { way: readonly Corner[]; to: Corner; hold: Hold | null }

export class Aim {
  snap = true;
  tracing: Tracing = "off";
  square = false;
  /** A finger is broader than the point of a mouse. */
  touch = false;
  private candidatesOf: { neighbours: readonly Neighbour[]; made: Candidate[] } | null = null;

  constructor(
    private readonly city: CityMap,
    private readonly place: Surroundings["place"],
    private readonly around: Neighbourhood,
    private readonly edited: () => Editor | null,
  ) {}

  /** The features around have changed. */
  forget(): void {
    this.candidatesOf = null;
  }

  planeAt(near: Corner): Plane {
    return this.edited()?.planeAt(near) ?? planeOf(this.place.srid, near);
  }

  metresOf(pixels: number): number {
    const { lat } = this.city.inner.getCenter();
    return (pixels * 40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** this.city.inner.getZoom());
  }

  get reach(): number {
    return this.metresOf(this.touch ? REACH_TOUCH : REACH_MOUSE);
  }

  /** Whether the map is too far out to catch anything. */
  get isFar(): boolean {
    return this.city.inner.getZoom() < SNAP_ZOOM;
  }

  isNear(one: Corner | undefined, spot: Corner): boolean {
    const plane = this.planeAt(spot);
    return one !== undefined && distance(plane.to(one), plane.to(spot)) <= this.reach;
  }

  cornerUnder(spot: Corner): Address | null {
    return cornerUnder(this.edited()!.sketch, spot, this.planeAt(spot), this.reach);
  }

  middleUnder(spot: Corner): { address: Address; spot: Corner } | null {
    return middleUnder(this.edited()!.sketch, spot, this.planeAt(spot), this.reach, this.metresOf(44));
  }

  /** The border of whatever feature lies here. */
  borderUnder(spot: Corner): Hold | null {
    const plane = this.planeAt(spot);
    return holdAt(spot, this.candidates(plane), plane, this.reach * 1.5);
  }

  /** Where a corner would go that is put down here. */
  resolve(spot: Corner, held: readonly string[], dragged?: Address): Ahead {
    const editor = this.edited()!;
    const plane = this.planeAt(spot);
    const free = held.includes("Alt");
    const hold = this.snap && !free && !this.isFar ? holdAt(spot, this.candidates(plane, dragged), plane, this.reach) : null;
    const path = dragged ? undefined : editor.open?.path;
    const last = path?.[path.length - 1];
    const isSquare = this.square !== held.includes("Shift");
    const to = hold?.corner ?? settled(spot, plane);
    if (last && isSquare && hold?.kind !== "corner") {
      const metres = path!.map(plane.to), here = plane.to(spot);
      const closing = editor.kind === "polygon" ? squareClose(here, metres, this.reach * 1.5) : null;
      return { to: settled(plane.from(closing ?? squared(here, metres[metres.length - 1]!, metres[metres.length - 2] ?? null)), plane), way: [], hold: null };
    }
    const way = last && hold && this.tracing !== "off" ? (trace(last, to, this.around.all(editor.subject), this.tracing, plane) ?? []) : [];
    return { to, way, hold };
  }

  /** Asks for what lies around a spot, where it could be caught. */
  look(spot: Corner): void {
    if (this.snap && !this.isFar) void this.load(spot);
  }

  load([lon, lat]: Corner): Promise<void> {
    return this.around.load([lon, lat, lon, lat]);
  }

  async ready(spot: Corner): Promise<void> {
    if (!this.snap || this.isFar || this.around.isHere(spot)) return;
    // A slow line must not hold the hand up for long: after that the corner goes where it was put.
    await Promise.race([this.load(spot), new Promise((go) => setTimeout(go, 3000))]);
  }

  private candidates(plane: Plane, dragged?: Address): Candidate[] {
    const editor = this.edited()!;
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
}
