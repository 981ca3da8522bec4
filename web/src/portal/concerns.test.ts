import { expect, it } from "vitest";
import type { LookupAnswer } from "../kit/api/types";
import { tileAt } from "../kit/live/tiles";
import { concerns } from "./concerns";

const answer = { at: { lon: 106.7, lat: 10.775 }, parcels: [] } as unknown as LookupAnswer;

it("a change near the answer concerns it, one elsewhere does not", () => {
  expect(concerns({ planning_zone: { cover: [tileAt(106.7, 10.775, 15)], ids: null } }, answer)).toBe(true);
  expect(concerns({ planning_zone: { cover: [tileAt(106.8, 10.9, 15)], ids: null } }, answer)).toBe(false);
});

it("a layer that is loaded anew always concerns it", () => {
  expect(concerns({ parcel: { cover: null, ids: null } }, answer)).toBe(true);
});
