import { expect, it } from "vitest";
import type { SearchResult } from "../kit/api/types";
import { alikeAtHead, metresBetween, nearestFirst } from "./alike";

const plot = (lon: number, title = "Thửa 345, tờ 12"): SearchResult => ({ kind: "parcel", layer: "parcel", id: String(lon), title, titles: { vi: title, en: title }, subtitle: null, note: null, lon, lat: 10.77, bbox: null, zoom: null });

it("plots of one name stand by their distance from the middle of the map", () => {
  const results = [plot(106.71), plot(106.7), plot(106.705), plot(106.6999, "Thửa 1, tờ 1")];
  expect(alikeAtHead(results)).toBe(3);
  expect(nearestFirst(results, { lon: 106.7, lat: 10.77 }).map((result) => result.lon)).toEqual([106.7, 106.705, 106.71, 106.6999]);
  expect(alikeAtHead([])).toBe(0);
});

it("metres are metres", () => expect(metresBetween({ lon: 106.7, lat: 10.77 }, { lon: 106.7, lat: 10.78 })).toBeCloseTo(1113, 0));
