/** Corners that several features have: where one moves, the others may follow. */
import type { Aim } from "./aim";
import type { Editor } from "./editor";
import type { Neighbourhood } from "./neighbourhood";
import { planeOf, type Corner } from "./plane";
import { geometryOf, moved, serverGeometry } from "./sketch";
import { sharersOf, type Neighbour } from "./snap";
import type { SharedMove, Surroundings } from "./view";

interface Shared { from: Corner; to: Corner; sharers: ReturnType<typeof sharersOf> }

/** Those who have the corner that moved last, until they are let follow or left where they are. */
export class Sharers {
  private shared: Shared | null = null;
  /** How many have followed the last move. */
  done = 0;

  constructor(private readonly aim: Aim, private readonly around: Neighbourhood, private readonly surroundings: Surroundings, private readonly edited: () => Editor | null) {}

  /** How many features may follow; null when nothing is offered. */
  get offered(): number | null {
    return this.shared?.sharers.length ?? null;
  }

  /** Looks who has the corner that has moved. */
  offer(move: { from: Corner; to: Corner }): void {
    const editor = this.edited();
    if (!editor) return;
    this.done = 0;
    const sharers = sharersOf(move.from, this.around.all(editor.subject), this.aim.planeAt(move.from));
    this.shared = sharers.length > 0 ? { ...move, sharers } : null;
  }

  /** Their new shapes; null when nothing was offered. */
  accept(): SharedMove[] | null {
    const shared = this.shared;
    this.shared = null;
    if (!shared) return null;
    const moves = movesOf(shared, this.surroundings, (neighbour) => this.around.override(neighbour));
    this.done = moves.length;
    return moves;
  }

  leave(): void {
    this.shared = null;
  }

  /** Forgets the last move too. */
  forget(): void {
    this.shared = null;
    this.done = 0;
  }
}

/** The neighbours' new shapes; `keep` hears of each, so that it is caught hold of as it will be. */
function movesOf({ to, sharers }: Shared, { isLegal, place }: Surroundings, keep: (neighbour: Neighbour) => void): SharedMove[] {
  return sharers.flatMap(({ neighbour, addresses }): SharedMove[] => {
    const sketch = addresses.reduce((one, address) => moved(one, address, to), neighbour.sketch);
    const legal = isLegal?.(neighbour.layer) ?? false;
    const plane = planeOf(legal ? place.srid : null, to);
    const geometry = geometryOf(sketch, neighbour.multi), server = serverGeometry(sketch, neighbour.multi, plane);
    if (!geometry || !server) return [];
    keep({ ...neighbour, sketch });
    return [{ layer: neighbour.layer, id: neighbour.id, version: neighbour.version, geometry, server }];
  });
}
