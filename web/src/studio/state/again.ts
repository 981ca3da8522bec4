import type { DraftOperation } from "../api";
import { newId } from "./ids";
import { keyOf, type Row, type Step, type Work } from "./work";

/**
 * The step that takes what a draft does to one object back into the work list, to be changed further: with the version that
 * the draft saw, so that what others published meanwhile is still met as a conflict.
 */
export function fromDraft(work: Work, operation: DraftOperation, row: Row | null, shape: GeoJSON.Geometry | null): Step {
  const key = keyOf(operation.entity, operation.id);
  const seen = operation.op === "insert" ? null : { version: operation.base_version ?? 1, values: row?.values ?? {}, shape: row?.shape ?? null };
  return {
    key, before: work.items.get(key) ?? null,
    after: {
      opId: newId(), op: operation.op, layer: operation.entity, id: operation.id, seen, set: operation.set ?? {},
      shape: operation.geometry ? (shape ?? undefined) : undefined, geometry: operation.geometry ?? undefined,
    },
  };
}
