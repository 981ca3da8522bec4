import type { Compared, Draft, Verdict } from "../api";
import type { Work } from "./work";

/** What is not yet published as shapes for the map, and the places that the server found fault with. */
export function overlayOf(work: Work, verdicts: ReadonlyMap<string, Verdict>, except: string | null): GeoJSON.Feature[] {
  const features: GeoJSON.Feature[] = [];
  for (const [key, pending] of work.items) {
    if (key === except) continue;
    const shape = pending.shape ?? pending.seen?.shape;
    const state = pending.op === "insert" ? "added" : pending.op === "delete" ? "removed" : "changed";
    if (shape) features.push({ type: "Feature", properties: { state }, geometry: shape });
    const verdict = verdicts.get(pending.opId);
    const found = verdict?.outcome === "refused" ? verdict.findings : verdict?.outcome === "applied" || verdict?.outcome === "merged" ? (verdict.warnings ?? []) : [];
    for (const one of found) if (one.place) features.push({ type: "Feature", properties: { state: "problem" }, geometry: { type: "Point", coordinates: one.place } });
  }
  return features;
}

/** What a draft changes, and the places that were remarked on. Where a shape moves, its old one is dashed as going away. */
export function draftOverlay(compared: Compared | undefined, comments: Draft["comments"]): GeoJSON.Feature[] {
  const features: GeoJSON.Feature[] = [];
  const put = (state: string, geometry: GeoJSON.Geometry | null | undefined) => {
    if (geometry) features.push({ type: "Feature", properties: { state }, geometry });
  };
  for (const row of compared?.rows ?? []) {
    if (row.change === "removed" || row.reshaped) put("removed", row.before?.geometry);
    if (row.change !== "removed") put(row.change, row.after?.geometry);
  }
  for (const { place } of comments) if (place) put("problem", { type: "Point", coordinates: place });
  return features;
}
