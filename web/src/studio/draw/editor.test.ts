import { describe, expect, it } from "vitest";
import { Editor, type Subject } from "./editor";
import { planeOf, type Corner, type Metres } from "./plane";

const plane = planeOf(9210, [106.69, 10.77]);
const spot = ([x, y]: Metres): Corner => plane.from([603_000 + x, 1_191_000 + y]);
const editor = (of: Partial<Subject> = {}) => new Editor({ layer: "parcel", id: null, geometry: "polygon", shape: null, legal: true, srid: 9210, ...of }, null);
const SQUARE: Metres[] = [[0, 0], [10, 0], [10, 10], [0, 10]];
const draw = (one: Editor, corners: Metres[]) => {
  for (const corner of corners) one.place(spot(corner));
  return one.finish();
};
const shapeOf = (corners: Metres[]): GeoJSON.Polygon => ({ type: "Polygon", coordinates: [[...corners, corners[0]!].map((corner) => [...spot(corner)])] });

describe("drawing", () => {
  it("a polygon, corner by corner, is sent in metres of its zone", () => {
    const one = editor();
    expect(one.finish()).toBe(false);
    expect(draw(one, SQUARE)).toBe(true);
    expect(one.tool).toBe("edit");
    expect(one.drawn.server).toMatchObject({ type: "Polygon", srid: 9210 });
    expect(one.drawn.area).toBeCloseTo(100, 4);
    expect(one.drawn.refused).toBe(false);
  });
  it("says the area before it is finished, and a crossing as soon as it is there", () => {
    const one = editor();
    for (const corner of SQUARE.slice(0, 3)) one.place(spot(corner));
    expect(one.drawn.area).toBeCloseTo(50, 4);
    expect(one.drawn.problems).toEqual([]);
    one.place(spot([5, -5]));
    expect(one.drawn.problems.map(({ rule }) => rule)).toContain("crossing");
  });
  it("holes and parts, and takes them out again", () => {
    const one = editor({ geometry: "multipolygon", shape: shapeOf(SQUARE) });
    one.setTool("hole");
    draw(one, [[2, 2], [4, 2], [4, 4]]);
    one.setTool("draw");
    draw(one, [[20, 0], [30, 0], [30, 10]]);
    expect(one.sketch.parts.map((part) => part.length)).toEqual([2, 1]);
    expect(one.drawn.geometry?.type).toBe("MultiPolygon");
    one.choose({ part: 0, path: 1, corner: 0 });
    one.removePath();
    one.choose({ part: 1, path: 0, corner: 0 });
    one.removePath();
    expect(one.sketch.parts.map((part) => part.length)).toEqual([1]);
  });
  it("another part takes the place of the first where only one is allowed", () => {
    const one = editor({ shape: shapeOf(SQUARE) });
    one.setTool("draw");
    draw(one, [[20, 0], [30, 0], [30, 10]]);
    expect(one.sketch.parts).toHaveLength(1);
  });
  it("a layer without legal metres is sent as degrees", () => {
    const one = editor({ legal: false, geometry: "point" });
    one.place(spot([1, 2]));
    expect(one.drawn.server).toEqual({ type: "Point", coordinates: [...spot([1, 2])] });
  });
  it("follows a traced border with all its corners as one step", () => {
    const one = editor();
    one.place(spot([0, 0]));
    one.place(spot([10, 10]), [spot([10, 0])]);
    expect(one.open?.path).toHaveLength(3);
    one.undo();
    expect(one.open?.path).toHaveLength(1);
  });
  it("makes the parallel of a border", () => {
    const one = editor({ geometry: "line", legal: false });
    one.addParallel([spot([0, 0]), spot([10, 0]), spot([10, 10])], 2, false);
    expect(one.sketch.parts[0]![0]!.map((corner) => plane.to(corner).map((v) => Math.round(v * 1000) / 1000))).toEqual([[603000, 1190998], [603012, 1190998], [603012, 1191010]]);
  });
});

describe("reshaping", () => {
  it("a dragged corner is one step, whatever its way", () => {
    const one = editor({ shape: shapeOf(SQUARE) });
    one.grab({ part: 0, path: 0, corner: 2 });
    for (let i = 1; i <= 20; i++) one.drag(spot([10, 10 + i]));
    expect(one.drop()?.to).toEqual(spot([10, 30]));
    expect(one.drawn.area).toBeCloseTo(200, 4);
    one.undo();
    expect(one.drawn.area).toBeCloseTo(100, 4);
    expect(one.drawn.canUndo).toBe(false);
    one.redo();
    expect(one.drawn.area).toBeCloseTo(200, 4);
  });
  it("a corner that was only touched makes no step", () => {
    const one = editor({ shape: shapeOf(SQUARE) });
    one.grab({ part: 0, path: 0, corner: 2 });
    expect(one.drop()).toBeNull();
    expect(one.drawn.canUndo).toBe(false);
  });
  it("an untouched shape comes back digit for digit", () => {
    const shape = shapeOf(SQUARE);
    expect(editor({ shape }).drawn.geometry).toEqual(shape);
  });
  it("every corner of a drawing is one step back, and forth again", () => {
    const one = editor();
    draw(one, SQUARE);
    const whole = one.drawn.server;
    for (let i = 0; i < 5; i++) one.undo();
    expect(one.drawn.canUndo).toBe(false);
    expect(one.open).toBeNull();
    for (let i = 0; i < 5; i++) one.redo();
    expect(one.drawn.server).toEqual(whole);
  });
});
