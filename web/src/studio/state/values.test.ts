import { expect, it } from "vitest";
import type { Property } from "../api";
import { shown, typed } from "./values";

const float = { "x-kind": "float" } as Property, int = { "x-kind": "int" } as Property;

it("reads numbers as the page writes them in its language", () => {
  for (const lang of ["vi", "en"] as const) {
    for (const value of [0, 5, 12.5, 999.9, 1000, 1234, 1234.5, 1_234_567.25, -1234]) expect([lang, typed(shown(value, float, lang), float, lang)]).toEqual([lang, value]);
  }
  expect([typed("1.234", float, "vi"), typed("1,234", float, "vi"), typed("1.234", float, "en"), typed("1,234", float, "en")]).toEqual([1234, 1.234, 1.234, 1234]);
  expect([typed("12.5", float, "vi"), typed("12,5", float, "en"), typed("1 234,5", float, "vi")]).toEqual([12.5, 12.5, 1234.5]);
  for (const bad of ["1.23.4", "1,2,3", "abc", "1.234.5", "--1"]) expect([bad, typed(bad, float, "vi")]).toEqual([bad, undefined]);
  expect([typed("1.234", int, "vi"), typed("1,234", int, "en"), typed("1,5", int, "vi"), typed("12", int, "en")]).toEqual([1234, 1234, undefined, 12]);
});
