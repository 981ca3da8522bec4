import type { LayerChange, LookupAnswer, TileAddress } from "../kit/api/types";
import { boxOf } from "../kit/geometry/box";
import { related, tileAt } from "../kit/live/tiles";

/** About 600 m: as far as an answer looks around. */
const REACH_ZOOM = 16;

/** Whether a change may concern an answer that is being shown: better once too often than stale. */
export function concerns(layers: Record<string, LayerChange>, answer: LookupAnswer): boolean {
  const near: TileAddress[] = [tileAt(answer.at.lon, answer.at.lat, REACH_ZOOM)];
  const box = boxOf(answer.parcels.map((parcel) => parcel.geometry));
  if (box) near.push(tileAt(box[0], box[3], REACH_ZOOM), tileAt(box[2], box[1], REACH_ZOOM), tileAt(box[0], box[1], REACH_ZOOM), tileAt(box[2], box[3], REACH_ZOOM));
  return Object.values(layers).some(({ cover }) => cover === null || cover.some((tile) => near.some((mine) => related(mine, tile))));
}
