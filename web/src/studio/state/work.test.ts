import { describe, expect, it } from "vitest";
import { resolved } from "./resolve";
import { changed, dropped, followed, inserted, keyOf, NOTHING, operation, redo, removed, type Row, settled, take, undo } from "./work";

const row: Row = { layer: "parcel", id: "a", version: 3, values: { number: "9", land_use: "ODT" }, shape: null };
const key = keyOf("parcel", "a");

describe("the work list", () => {
  it("holds one operation an object, on the version that was seen first", () => {
    let work = take(NOTHING, [changed(NOTHING, row, { set: { number: "10" } })]);
    const moved = { ...row, version: 5, values: { ...row.values, number: "11" } };
    work = take(work, [changed(work, moved, { set: { land_use: "TMD" } })]);
    expect(work.items.size).toBe(1);
    expect(operation(work.items.get(key)!)).toMatchObject({ op: "update", base_version: 3, set: { number: "10", land_use: "TMD" } });
  });

  it("forgets a change that ends where it began", () => {
    let work = take(NOTHING, [changed(NOTHING, row, { set: { number: "10" } })]);
    work = take(work, [changed(work, row, { set: { number: "9" } })]);
    expect(work.items.size).toBe(0);
  });

  it("goes back and forth without limit, and steps taken together go together", () => {
    let work = NOTHING;
    for (let at = 0; at < 500; at++) work = take(work, [changed(work, row, { set: { number: `n${at}` } })]);
    const other = { ...row, id: "b" };
    work = take(work, [removed(work, row), removed(work, other)]);
    expect(work.items.size).toBe(2);
    work = undo(work);
    expect(work.items.get(key)?.set["number"]).toBe("n499");
    expect(work.items.size).toBe(1);
    for (let at = 0; at < 500; at++) work = undo(work);
    expect(work.items.size).toBe(0);
    for (let at = 0; at < 501; at++) work = redo(work);
    expect([...work.items.values()].map((one) => one.op)).toEqual(["delete", "delete"]);
  });

  it("keeps its op_id until the operation changes, so that a repeated send is done once", () => {
    const work = take(NOTHING, [changed(NOTHING, row, { set: { number: "10" } })]);
    const first = work.items.get(key)!.opId;
    expect(redo(undo(work)).items.get(key)!.opId).toBe(first);
    expect(take(work, [changed(work, row, { set: { number: "12" } })]).items.get(key)!.opId).not.toBe(first);
  });

  it("takes back an object that was only here, and what was published cannot be undone here", () => {
    let work = take(NOTHING, [inserted("parcel", "new", { number: "1" }, undefined, undefined)]);
    work = take(work, [removed(work, { ...row, id: "new" })]);
    expect(work.items.size).toBe(0);
    work = take(work, [changed(work, row, { set: { number: "10" } })]);
    work = settled(work, [work.items.get(key)!]);
    expect(work.items.size).toBe(0);
    expect(undo(undo(undo(work))).items.has(key)).toBe(false);
    expect(dropped(work, key)).toEqual([]);
  });
});

describe("what is changed while the first change is on its way", () => {
  const sent = changed(NOTHING, row, { set: { number: "10" } }).after!;
  const first = take(NOTHING, [{ key, before: null, after: sent }]);

  it("stays, and goes on from the version that was made of it", () => {
    const then = take(first, [changed(first, row, { set: { land_use: "TMD" } })]);
    const left = settled(then, [sent], new Map([[sent.opId, 4]])).items.get(key)!;
    expect([left.op, left.set, left.seen?.version]).toEqual(["update", { land_use: "TMD" }, 4]);
    expect(left.seen?.values["number"]).toBe("10");
  });

  it("stays too when the object is to be taken away", () => {
    const then = take(first, [removed(first, row)]);
    expect(settled(then, [sent], new Map([[sent.opId, 4]])).items.get(key)).toMatchObject({ op: "delete", seen: { version: 4 } });
  });

  it("is an update of what was new", () => {
    const made = inserted("parcel", "new", { number: "1" }, undefined, undefined);
    const then = take(take(NOTHING, [made]), [changed(take(NOTHING, [made]), { ...row, id: "new" }, { set: { number: "2" } })]);
    const left = settled(then, [made.after!], new Map([[made.after!.opId, 1]])).items.get(keyOf("parcel", "new"))!;
    expect([left.op, left.set, left.seen?.version]).toEqual(["update", { number: "2" }, 1]);
  });

  it("is kept as it is when the first went into a draft", () => {
    const then = take(first, [changed(first, row, { set: { land_use: "TMD" } })]);
    expect(settled(then, [sent]).items.get(key)).toEqual(then.items.get(key));
  });
});

describe("a neighbour that follows a shared corner", () => {
  const shape = { type: "Point" as const, coordinates: [1, 2] };
  const move = { layer: "parcel", id: row.id, version: row.version - 1, geometry: shape, server: shape };

  it("is changed from the version whose corner was caught, whatever the server has now", () => {
    expect(followed(NOTHING, move, row)[0]!.after!.seen!.version).toBe(row.version - 1);
    expect(operation(followed(NOTHING, move, undefined)[0]!.after!)).toMatchObject({ op: "update", base_version: row.version - 1, geometry: shape });
  });

  it("does not follow when it is to be taken away", () => {
    expect(followed(take(NOTHING, [removed(NOTHING, row)]), move, row)).toEqual([]);
  });
});

describe("a conflict", () => {
  const work = take(NOTHING, [changed(NOTHING, row, { set: { number: "10", land_use: "TMD" } })]);
  const conflict = { seen: row.values, there: { number: "11", land_use: "ODT", geometry: null }, yours: {}, fields: ["number"], version: 4, actor: "lan", at: null };

  it("ends field by field on the version that is there", () => {
    const step = resolved(key, work.items.get(key)!, conflict, (field) => (field === "number" ? "theirs" : "mine"));
    expect(operation(step.after!)).toMatchObject({ base_version: 4, set: { land_use: "TMD" } });
    expect((step.after!.set as object)).not.toHaveProperty("number");
  });

  it("leaves nothing to do when all of theirs is taken, or the object is gone", () => {
    expect(resolved(key, work.items.get(key)!, conflict, () => "theirs").after).toBeNull();
    expect(resolved(key, work.items.get(key)!, { ...conflict, there: null, version: null }, () => "mine").after).toBeNull();
  });
});
