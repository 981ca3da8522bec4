import { newId } from "./ids";

/** Values by name of attribute. */
export type Values = Record<string, unknown>;

/** An object as it stood when the person began to change it. */
export interface Seen { version: number; values: Values; shape: GeoJSON.Geometry | null }

/** What is to be done to one object: one operation of the change set to come. */
export interface Pending {
  opId: string;
  op: "insert" | "update" | "delete";
  layer: string;
  id: string;
  /** None for a new object. */
  seen: Seen | null;
  /** The attributes that change. */
  set: Values;
  /** The new shape in WGS 84, for the map; undefined where it stays. */
  shape?: GeoJSON.Geometry | undefined;
  /** The new shape as the server takes it: legal metres with `srid`, or WGS 84. */
  geometry?: object | undefined;
}

/** How one object's operation changed; steps taken together are undone together. */
export interface Step { key: string; before: Pending | null; after: Pending | null }

/** What is not yet published, and the way there and back. */
export interface Work { items: ReadonlyMap<string, Pending>; done: readonly Step[][]; undone: readonly Step[][] }

export const NOTHING: Work = { items: new Map(), done: [], undone: [] };

export const keyOf = (layer: string, id: string): string => `${layer}/${id}`;

function put(items: ReadonlyMap<string, Pending>, steps: readonly Step[], way: "before" | "after"): ReadonlyMap<string, Pending> {
  const next = new Map(items);
  for (const step of steps) {
    const pending = step[way];
    if (pending) next.set(step.key, pending);
    else next.delete(step.key);
  }
  return next;
}

/** Takes steps; what was undone before is gone then. */
export function take(work: Work, steps: Step[]): Work {
  if (steps.length === 0) return work;
  return { items: put(work.items, steps, "after"), done: [...work.done, steps], undone: [] };
}

export function undo(work: Work): Work {
  const last = work.done.at(-1);
  if (!last) return work;
  return { items: put(work.items, [...last].reverse(), "before"), done: work.done.slice(0, -1), undone: [...work.undone, last] };
}

export function redo(work: Work): Work {
  const last = work.undone.at(-1);
  if (!last) return work;
  return { items: put(work.items, last, "after"), done: [...work.done, last], undone: work.undone.slice(0, -1) };
}

/** A change to an object: attributes, a shape, or both. */
export interface Change { set?: Values; shape?: GeoJSON.Geometry; geometry?: object }

/** An existing object as the server showed it. */
export interface Row { layer: string; id: string; version: number; values: Values; shape: GeoJSON.Geometry | null }

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The step that changes an object that exists. Values that end as they were seen are no change. */
export function changed(work: Work, row: Row, change: Change): Step {
  const key = keyOf(row.layer, row.id), before = work.items.get(key) ?? null;
  const seen = before?.seen ?? (before ? null : { version: row.version, values: row.values, shape: row.shape });
  const set = { ...before?.set, ...change.set };
  if (seen) for (const name of Object.keys(set)) if (same(set[name], seen.values[name])) delete set[name];
  const shape = change.shape ?? before?.shape, geometry = change.geometry ?? before?.geometry;
  const op = before?.op === "insert" ? "insert" : "update";
  const isNothing = op === "update" && Object.keys(set).length === 0 && !geometry;
  return { key, before, after: isNothing ? null : { opId: newId(), op, layer: row.layer, id: row.id, seen, set, shape, geometry } };
}

/**
 * The step by which a neighbour follows a corner that it shares. It is made of the version whose corner was caught: what somebody
 * else did to it since is a conflict, and no part of this. One that is to be taken away does not follow.
 */
export function followed(work: Work, move: { layer: string; id: string; version: number; geometry: GeoJSON.Geometry; server: object }, row: Row | undefined): Step[] {
  if (work.items.get(keyOf(move.layer, move.id))?.op === "delete") return [];
  const seen: Row = { layer: move.layer, id: move.id, values: {}, shape: null, ...row, version: move.version };
  return [changed(work, seen, { shape: move.geometry, geometry: move.server })];
}

/** The step that makes a new object. */
export function inserted(layer: string, id: string, set: Values, shape: GeoJSON.Geometry | undefined, geometry: object | undefined): Step {
  return { key: keyOf(layer, id), before: null, after: { opId: newId(), op: "insert", layer, id, seen: null, set, shape, geometry } };
}

/** The step that takes an object away; a new one is simply forgotten. */
export function removed(work: Work, row: Row): Step {
  const key = keyOf(row.layer, row.id), before = work.items.get(key) ?? null;
  if (before?.op === "insert") return { key, before, after: null };
  const seen = before?.seen ?? { version: row.version, values: row.values, shape: row.shape };
  return { key, before, after: { opId: newId(), op: "delete", layer: row.layer, id: row.id, seen, set: {} } };
}

/** The step that takes back all that was to be done to an object. */
export function dropped(work: Work, key: string): Step[] {
  const before = work.items.get(key);
  return before ? [{ key, before, after: null }] : [];
}

/**
 * What is published or kept in a draft is no longer to be done, and cannot be undone here. What was changed again while it was
 * on its way stays; where the server named the version that was made of it (by operation), it goes on from there.
 */
export function settled(work: Work, sent: readonly Pending[], versions: ReadonlyMap<string, number> = new Map()): Work {
  const keys = new Set(sent.map((one) => keyOf(one.layer, one.id)));
  const items = new Map(work.items);
  for (const one of sent) {
    const key = keyOf(one.layer, one.id), now = items.get(key);
    if (!now || now.opId === one.opId) items.delete(key);
    else {
      const next = goneOn(now, one, versions.get(one.opId));
      if (next) items.set(key, next);
      else items.delete(key);
    }
  }
  const left = (list: readonly Step[][]) => list.map((steps) => steps.filter((step) => !keys.has(step.key))).filter((steps) => steps.length > 0);
  return { items, done: left(work.done), undone: left(work.undone) };
}

/** What is left to be done to an object after an earlier state of it was sent. */
function goneOn(now: Pending, sent: Pending, version: number | undefined): Pending | null {
  if (version === undefined || sent.op === "delete") return now;
  const seen: Seen = { version, values: { ...sent.seen?.values, ...sent.set }, shape: sent.shape ?? sent.seen?.shape ?? null };
  if (now.op === "delete") return { ...now, seen };
  const set = Object.fromEntries(Object.entries(now.set).filter(([name, value]) => !same(value, seen.values[name])));
  const isShape = now.geometry !== undefined && !same(now.geometry, sent.geometry);
  if (Object.keys(set).length === 0 && !isShape) return null;
  return { ...now, op: "update", seen, set, shape: isShape ? now.shape : undefined, geometry: isShape ? now.geometry : undefined };
}

/** An operation as the server takes it. */
export function operation(pending: Pending): Record<string, unknown> {
  const head = { op: pending.op, op_id: pending.opId, entity: pending.layer, id: pending.id };
  const shape = pending.geometry ? { geometry: pending.geometry } : {};
  if (pending.op === "insert") return { ...head, set: pending.set, ...shape };
  const base = { ...head, base_version: pending.seen?.version ?? 1 };
  return pending.op === "delete" ? base : { ...base, set: pending.set, ...shape };
}
