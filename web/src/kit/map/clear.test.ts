import { describe, expect, it } from "vitest";
import { clearOf, type Label, type ScreenBox } from "./clear";

const ROOM: ScreenBox = { left: 0, top: 0, right: 360, bottom: 500 };
const at = (x: number, y: number): Label => ({ x, y, width: 120, height: 30, reach: 120 });
const box = ({ width, height }: Label, x: number, y: number): ScreenBox => ({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 });
const meet = (a: ScreenBox, b: ScreenBox): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

describe("a label that must be read", () => {
  it("stays where it is free", () => expect(clearOf([at(180, 250)], ROOM, [])).toEqual([[0, 0]]));

  it("comes in from the edge of the map, no further than it must", () => {
    const [[dx, dy] = [0, 0]] = clearOf([at(350, 250)], ROOM, []);
    expect(350 + dx + 60).toBeLessThanOrEqual(360);
    expect(350 + dx + 60).toBeGreaterThan(350);
    expect(dy).toBe(0);
  });

  it("gives way to a button, and to another such label", () => {
    const button = { left: 150, top: 240, right: 200, bottom: 260 }, labels = [at(180, 250), at(180, 290)];
    const shifts = clearOf(labels, ROOM, [button]);
    const boxes = shifts.map(([dx, dy], i) => box(labels[i] ?? at(0, 0), (labels[i]?.x ?? 0) + dx, (labels[i]?.y ?? 0) + dy));
    for (const one of boxes) expect(meet(one, button)).toBe(false);
    expect(boxes[0] && boxes[1] && meet(boxes[0], boxes[1])).toBe(false);
  });

  it("stays at its islands when these are out of sight, or nothing near is free", () => {
    expect(clearOf([at(600, 250)], ROOM, [])).toEqual([[0, 0]]);
    expect(clearOf([at(180, 250)], ROOM, [ROOM])).toEqual([[0, 0]]);
  });
});
