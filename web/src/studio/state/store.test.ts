import { expect, it } from "vitest";
import { type Keeper, WorkStore } from "./store";
import { inserted, NOTHING, take, type Work } from "./work";

const add = (id: string) => (work: Work) => take(work, [inserted("tree", id, {}, undefined, undefined)]);
const ids = (work: Work) => [...work.items.keys()];

function opened(keeper: Keeper) {
  const seen = { work: NOTHING, kept: true, ready: false };
  const store = new WorkStore(keeper, {
    onWork: (work) => { seen.work = work; }, onReady: () => { seen.ready = true; }, onKept: (kept) => { seen.kept = kept; }, onWritten: () => undefined,
  });
  return { store, seen };
}

const settledSoon = () => new Promise((done) => setTimeout(done));

it("does not write over a list that could not be read", async () => {
  const written: Work[] = [];
  const { store, seen } = opened({ read: () => Promise.reject(new Error("disk")), write: (work) => { written.push(work); return Promise.resolve(); } });
  await store.open();
  store.change(add("a"));
  await settledSoon();
  expect([written.length, seen.kept, seen.ready, ids(seen.work)]).toEqual([0, false, true, ["tree/a"]]);
});

it("puts what was done before the list was there behind what was kept", async () => {
  const written: Work[] = [];
  let arrive: (work: Work) => void = () => undefined;
  const { store, seen } = opened({ read: () => new Promise((done) => { arrive = done; }), write: (work) => { written.push(work); return Promise.resolve(); } });
  const opening = store.open();
  store.change(add("new"));
  expect([ids(seen.work), seen.ready, written.length]).toEqual([["tree/new"], false, 0]);
  arrive(add("old")(NOTHING));
  await opening;
  await settledSoon();
  expect([ids(seen.work), seen.ready]).toEqual([["tree/old", "tree/new"], true]);
  expect(written.map(ids)).toEqual([["tree/old", "tree/new"]]);
});

it("takes what another tab has written, and keeps each change", async () => {
  let disk = NOTHING;
  const { store, seen } = opened({ read: () => Promise.resolve(disk), write: (work) => { disk = work; return Promise.resolve(); } });
  await store.open();
  store.change(add("a"));
  await settledSoon();
  expect(ids(disk)).toEqual(["tree/a"]);
  disk = add("b")(disk);
  await store.heard();
  expect([ids(seen.work), seen.kept]).toEqual([["tree/a", "tree/b"], true]);
});
