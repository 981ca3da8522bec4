/** The hand on the map: what a click, a move and a drag mean for the shape that is edited. */
import type { TerraDrawMouseEvent } from "terra-draw";
import type { Ahead, Aim } from "./aim";
import type { Beside } from "./beside";
import type { Editor } from "./editor";
import type { Hands, SketchMode } from "./mode";
import type { Corner } from "./plane";
import type { Hold } from "./snap";

/** What the hand asks of whoever it works for. */
export interface Overseer {
  edited: () => Editor | null;
  finish: () => void;
  /** A corner was let go of, and may have taken others' corners along. */
  moved: (move: { from: Corner; to: Corner } | null) => void;
  /** The pointer is here, or what it has caught is. */
  point: (spot: Corner) => void;
  /** Something is to be seen anew. */
  changed: () => void;
}

export class Hand implements Hands {
  ahead: Ahead | null = null;
  caught: Hold | null = null;
  /** Where the finger or the button went down: a drag is told of only after it has moved on. */
  downAt: Corner | null = null;
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly aim: Aim, private readonly beside: Beside, private readonly cursor: SketchMode["point"], private readonly overseer: Overseer) {}

  /** Holds nothing and leads nowhere. */
  letGo(): void {
    this.ahead = this.caught = null;
  }

  move(event: TerraDrawMouseEvent): void {
    const editor = this.overseer.edited();
    if (!editor) return;
    const spot = spotUnder(event);
    this.aim.look(spot);
    if (editor.tool === "edit") {
      const under = this.aim.cornerUnder(spot) ?? this.aim.middleUnder(spot);
      this.cursor(under ? "move" : "grab");
      this.letGo();
      this.overseer.point(spot);
    } else {
      this.cursor("crosshair");
      this.ahead = this.aim.resolve(spot, event.heldKeys);
      this.caught = this.ahead.hold;
      this.overseer.point(this.ahead.to);
      if (editor.tool === "offset") this.beside.turnTo(spot);
    }
    this.overseer.changed();
  }

  click(event: TerraDrawMouseEvent): void {
    const spot = spotUnder(event);
    // What is around a first tap is still on its way: taps wait for it, in their order.
    this.queue = this.queue.then(() => this.aim.ready(spot)).then(() => this.act(spot, event.heldKeys));
  }

  private act(spot: Corner, held: readonly string[]): void {
    const editor = this.overseer.edited();
    if (!editor) return;
    switch (editor.tool) {
      case "edit": {
        const middle = this.aim.middleUnder(spot), corner = this.aim.cornerUnder(spot);
        if (corner) editor.choose(corner);
        else if (middle) editor.insert(middle.address, middle.spot);
        else editor.choose(null);
        break;
      }
      case "offset": this.beside.pick(spot); break;
      case "draw": case "hole": {
        const path = editor.open?.path ?? [];
        const isOnFirst = this.aim.isNear(path[0], spot), isOnLast = this.aim.isNear(path[path.length - 1], spot);
        const closes = editor.kind === "polygon" ? path.length >= 3 && (isOnFirst || isOnLast) : path.length >= 2 && isOnLast;
        if (closes) this.overseer.finish();
        else if (!isOnLast || path.length === 0) {
          const { to, way } = this.aim.resolve(spot, held);
          editor.place(to, way);
        }
        break;
      }
    }
    this.letGo();
    this.overseer.changed();
  }

  grab(event: TerraDrawMouseEvent): boolean {
    const editor = this.overseer.edited();
    if (!editor || editor.tool !== "edit") return false;
    const spot = this.downAt ?? spotUnder(event);
    const corner = this.aim.cornerUnder(spot), middle = corner ? null : this.aim.middleUnder(spot);
    if (middle) editor.insert(middle.address, middle.spot);
    const address = corner ?? middle?.address;
    if (!address) return false;
    void this.aim.ready(spot);
    editor.grab(address);
    return true;
  }

  drag(event: TerraDrawMouseEvent): void {
    const editor = this.overseer.edited();
    if (!editor?.chosen) return;
    const spot = spotUnder(event);
    void this.aim.load(spot);
    const { to, hold } = this.aim.resolve(spot, event.heldKeys, editor.chosen);
    this.caught = hold;
    this.overseer.point(to);
    editor.drag(to);
  }

  drop(): void {
    this.caught = null;
    this.overseer.moved(this.overseer.edited()?.drop() ?? null);
    this.overseer.changed();
  }
}

const spotUnder = (event: TerraDrawMouseEvent): Corner => [event.lng, event.lat];
