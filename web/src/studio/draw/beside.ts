/** The tool that lays a line beside a border: which border was picked, how far off, and on which side. */
import type { Aim } from "./aim";
import { isRightOf, parallel } from "./construct";
import type { Editor } from "./editor";
import type { Corner } from "./plane";
import { pathAt, type Path } from "./sketch";

interface Picked { path: Path; isRing: boolean; metres: number; side: Corner }

const METRES = 2;

export class Beside {
  private picked: Picked | null = null;

  constructor(private readonly aim: Aim, private readonly edited: () => Editor | null) {}

  get isPicked(): boolean {
    return this.picked !== null;
  }

  get metres(): number {
    return this.picked?.metres ?? METRES;
  }

  set metres(metres: number) {
    if (this.picked) this.picked = { ...this.picked, metres };
  }

  /** The line goes to this side of the border. */
  turnTo(side: Corner): void {
    if (this.picked) this.picked = { ...this.picked, side };
  }

  drop(): void {
    this.picked = null;
  }

  /** Picks the border here; where there is none, takes what was picked before: true when it did. */
  pick(spot: Corner): boolean {
    const hold = this.aim.borderUnder(spot);
    const sketch = hold && (hold.of?.sketch ?? this.edited()!.sketch);
    const path = hold && sketch && pathAt(sketch, hold.address);
    if (this.picked && !hold) return this.accept();
    if (path && sketch.kind !== "point") this.picked = { path, isRing: sketch.kind === "polygon", metres: this.metres, side: spot };
    return false;
  }

  /** Adds the line to the shape. */
  accept(): boolean {
    const picked = this.picked, editor = this.edited();
    if (!picked || !editor) return false;
    this.picked = null;
    editor.addParallel(picked.path, this.signed(picked), picked.isRing);
    return true;
  }

  /** The line as it would be. */
  get line(): Corner[] | null {
    const picked = this.picked;
    if (!picked) return null;
    const plane = this.aim.planeAt(picked.side);
    const path = parallel(picked.path.map(plane.to), this.signed(picked), picked.isRing).map(plane.from);
    return picked.isRing && path[0] ? [...path, path[0]] : path;
  }

  private signed({ path, isRing, metres, side }: Picked): number {
    const plane = this.aim.planeAt(side);
    return isRightOf(plane.to(side), path.map(plane.to), isRing) ? metres : -metres;
  }
}
