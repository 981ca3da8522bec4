/** Corners that several features have: where one moves, the others may follow. */
import { planeOf, type Corner } from "./plane";
import { geometryOf, moved, serverGeometry } from "./sketch";
import type { Neighbour, sharersOf } from "./snap";
import type { SharedMove, Surroundings } from "./view";

export interface Shared { from: Corner; to: Corner; sharers: ReturnType<typeof sharersOf> }

/** The neighbours' new shapes; `keep` hears of each, so that it is caught hold of as it will be. */
export function movesOf({ to, sharers }: Shared, { isLegal, place }: Surroundings, keep: (neighbour: Neighbour) => void): SharedMove[] {
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
