/** A box on the screen, in CSS pixels. */
export interface ScreenBox { left: number; top: number; right: number; bottom: number }
export interface Label { x: number; y: number; width: number; height: number; reach: number }

const STEP = 6;

const boxAt = ({ width, height }: Label, x: number, y: number): ScreenBox =>
  ({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 });

const meet = (a: ScreenBox, b: ScreenBox): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

const inside = (a: ScreenBox, room: ScreenBox): boolean => a.left >= room.left && a.right <= room.right && a.top >= room.top && a.bottom <= room.bottom;

/** Steps away from the middle, the shortest first. */
function stepsWithin(reach: number): [number, number][] {
  const steps: [number, number][] = [];
  for (let dx = -reach; dx <= reach; dx += STEP) for (let dy = -reach; dy <= reach; dy += STEP) if (Math.hypot(dx, dy) <= reach) steps.push([dx, dy]);
  return steps.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
}

/**
 * How far each label must move, in pixels, to be read whole: in the room of the map, under none of the `covers`, not on another
 * label. One that is out of sight, or that finds no free spot within its reach, stays where it is.
 */
export function clearOf(labels: readonly Label[], room: ScreenBox, covers: readonly ScreenBox[]): [dx: number, dy: number][] {
  const taken = [...covers];
  return labels.map((label) => {
    const own = boxAt(label, label.x, label.y);
    if (!meet(own, room)) return [0, 0];
    const isFree = (box: ScreenBox): boolean => inside(box, room) && !taken.some((other) => meet(box, other));
    const shift: [number, number] = isFree(own) ? [0, 0] : stepsWithin(label.reach).find(([dx, dy]) => isFree(boxAt(label, label.x + dx, label.y + dy))) ?? [0, 0];
    taken.push(boxAt(label, label.x + shift[0], label.y + shift[1]));
    return shift;
  });
}
