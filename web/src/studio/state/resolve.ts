import type { Conflict } from "../api";
import { newId } from "./ids";
import type { Pending, Step, Values } from "./work";

/** Whose value stays, attribute by attribute. */
export type Choice = "mine" | "theirs";

/** The attributes (and `geometry`) that a person wanted to change. */
export const wanted = (pending: Pending): string[] => [...Object.keys(pending.set), ...(pending.geometry ? ["geometry"] : [])];

/**
 * The step that ends a conflict: what is there becomes what was seen, and of one's own changes those stay that were chosen.
 * With nothing left, or with an object that is gone, nothing is to be done any more.
 */
export function resolved(key: string, pending: Pending, conflict: Conflict, choose: (field: string) => Choice): Step {
  if (!conflict.there || conflict.version === null) return { key, before: pending, after: null };
  const { geometry, ...rest } = conflict.there;
  const seen = { version: conflict.version, values: rest, shape: (geometry as GeoJSON.Geometry | undefined) ?? null };
  if (pending.op === "delete") return { key, before: pending, after: choose("") === "mine" ? { ...pending, opId: newId(), seen } : null };
  const set: Values = {};
  for (const [name, value] of Object.entries(pending.set)) {
    if (choose(name) === "mine" && JSON.stringify(value ?? null) !== JSON.stringify(rest[name] ?? null)) set[name] = value;
  }
  const keepsShape = pending.geometry !== undefined && choose("geometry") === "mine";
  if (Object.keys(set).length === 0 && !keepsShape) return { key, before: pending, after: null };
  return { key, before: pending, after: { ...pending, opId: newId(), seen, set, shape: keepsShape ? pending.shape : undefined, geometry: keepsShape ? pending.geometry : undefined } };
}
