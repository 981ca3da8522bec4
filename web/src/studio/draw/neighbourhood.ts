/**
 * The features around the hand, from the server and not from the tiles: a tile rounds its corners to its own raster, and
 * a corner that two parcels share must be the same to the last digit.
 */
import type { Corner } from "./plane";
import { sketchOf } from "./sketch";
import type { Neighbour } from "./snap";

/** Side of a cell in degrees, about 220 m. */
const CELL = 0.002;
/** Cells that are kept; the ones asked for longest ago go first. */
const MOST_CELLS = 200;

/** Borders of whole communes are heavy to ask for, and nobody's corner hangs on them. */
const NOT_ASKED: ReadonlySet<string> = new Set(["admin_unit"]);

type Ask = (layers: readonly string[], bbox: readonly number[]) => Promise<{ features: GeoJSON.Feature[]; more: boolean }>;

async function askServer(layers: readonly string[], bbox: readonly number[]): Promise<{ features: GeoJSON.Feature[]; more: boolean }> {
  const response = await fetch(`/api/v1/within?layers=${layers.join(",")}&bbox=${bbox.join(",")}`, { headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`within answered ${response.status}`);
  return (await response.json()) as { features: GeoJSON.Feature[]; more: boolean };
}

interface Cell { state: "coming" | "here" | "failed"; done: Promise<void>; keys: string[]; at: number }

export class Neighbourhood {
  private readonly cells = new Map<string, Cell>();
  private readonly features = new Map<string, Neighbour>();
  /** Shapes that were changed here and are not published: they win over the server's. */
  private readonly ours = new Map<string, Neighbour>();

  constructor(private readonly seen: () => readonly string[], private readonly onNews: () => void, private readonly ask: Ask = askServer) {}

  private layers(): readonly string[] {
    return this.seen().filter((layer) => !NOT_ASKED.has(layer));
  }

  private keyOf(x: number, y: number): string {
    return `${x}/${y}/${[...this.layers()].sort().join(",")}`;
  }

  /** Asks for the cells that a box touches, unless they are known; resolves when they are here or have failed. */
  async load([west, south, east, north]: readonly [number, number, number, number]): Promise<void> {
    const layers = this.layers();
    if (layers.length === 0) return;
    const waits: Promise<void>[] = [];
    for (let x = Math.floor(west / CELL); x <= Math.floor(east / CELL); x++) {
      for (let y = Math.floor(south / CELL); y <= Math.floor(north / CELL); y++) {
        const key = this.keyOf(x, y), known = this.cells.get(key);
        // What failed is asked again after three seconds, when the hand comes by.
        if (known && (known.state !== "failed" || Date.now() - known.at < 3000)) waits.push(known.done);
        else waits.push(this.fetchCell(key, layers, [x * CELL, y * CELL, (x + 1) * CELL, (y + 1) * CELL]));
      }
    }
    await Promise.all(waits);
  }

  private fetchCell(key: string, layers: readonly string[], box: number[]): Promise<void> {
    const cell: Cell = { state: "coming", done: Promise.resolve(), keys: [], at: Date.now() };
    const bbox = box.map((value) => Number(value.toFixed(6)));
    cell.done = this.askAll(layers, bbox).then(
      (features) => {
        if (this.cells.get(key) !== cell) return;
        for (const feature of features) this.take(feature, cell);
        cell.state = "here";
        this.onNews();
      },
      () => { cell.state = "failed"; },
    );
    this.cells.set(key, cell);
    for (const [old] of this.cells) {
      if (this.cells.size <= MOST_CELLS) break;
      this.cells.delete(old);
    }
    return cell.done;
  }

  /**
   * A cell so full that one answer does not hold it is asked layer by layer; so is one where a layer is refused, since one
   * that may not be asked must not hide the others.
   */
  private async askAll(layers: readonly string[], bbox: readonly number[]): Promise<GeoJSON.Feature[]> {
    const all = await this.ask(layers, bbox).catch((cause: unknown) => {
      if (layers.length === 1) throw cause;
      return null;
    });
    if (all && (!all.more || layers.length === 1)) return all.features;
    const each = await Promise.allSettled(layers.map((layer) => this.ask([layer], bbox)));
    const answered = each.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    if (answered.length === 0) throw new Error("no layer answered");
    return answered.flatMap((one) => one.features);
  }

  private take(feature: GeoJSON.Feature, cell: Cell): void {
    const { layer, id, version } = (feature.properties ?? {}) as { layer?: string; id?: string; version?: number };
    const sketch = feature.geometry ? sketchOf(feature.geometry) : null;
    if (!layer || !id || !sketch) return;
    const key = `${layer}/${id}`;
    cell.keys.push(key);
    const known = this.features.get(key);
    if (known && known.version >= (version ?? 0)) return;
    this.features.set(key, { layer, id, version: version ?? 0, multi: feature.geometry.type.startsWith("Multi"), sketch });
  }

  /** Every feature that is known, except the one that is edited. */
  all(except: { layer: string; id: string | null } | null): Neighbour[] {
    const skip = except?.id ? `${except.layer}/${except.id}` : null;
    const visible = new Set(this.layers());
    const merged = new Map([...this.features, ...this.ours]);
    const seen = [...merged].filter(([key, one]) => key !== skip && visible.has(one.layer)).map(([, one]) => one);
    // Where corners of several layers stand in one place, the one of the same layer is caught.
    return except ? [...seen.filter((one) => one.layer === except.layer), ...seen.filter((one) => one.layer !== except.layer)] : seen;
  }

  /** What a cell around a spot holds is here. */
  isHere([lon, lat]: Corner): boolean {
    return this.layers().length === 0 || this.cells.get(this.keyOf(Math.floor(lon / CELL), Math.floor(lat / CELL)))?.state === "here";
  }

  /** The shapes that the work list holds now, and no others. */
  replaceOurs(neighbours: readonly Neighbour[]): void {
    this.ours.clear();
    for (const neighbour of neighbours) this.ours.set(`${neighbour.layer}/${neighbour.id}`, neighbour);
    this.onNews();
  }

  /** A shape that the work list is about to hold. */
  override(neighbour: Neighbour): void {
    this.ours.set(`${neighbour.layer}/${neighbour.id}`, neighbour);
    this.onNews();
  }

  /** Something was written: everything is asked again, shapes changed here stay unless `published`. */
  forget(published = false): void {
    this.cells.clear();
    this.features.clear();
    if (published) this.ours.clear();
  }
}
