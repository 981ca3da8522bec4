/// <reference types="vite/client" />
import i18next from "i18next";
import { expect, test } from "vitest";
import { en } from "./kit/i18n/en";
import { vi } from "./kit/i18n/vi";
import { addWords as addAdmin } from "./admin/words";
import { addWords as addStudio } from "./studio/words";
import { addDrawWords } from "./studio/draw/words";

await i18next.init({ lng: "vi", resources: { vi: { translation: vi }, en: { translation: en } } });
addAdmin();
addStudio();
addDrawWords();

/** Every sentence by its key: `form.kind.text` and so on. */
function sentences(words: unknown, at = ""): Map<string, string> {
  if (typeof words === "string") return new Map([[at, words]]);
  return new Map(Object.entries(words as object).flatMap(([name, below]) => [...sentences(below, at ? `${at}.${name}` : name)]));
}
const bundle = (lang: string, namespace: string) => sentences(i18next.getResourceBundle(lang, namespace) ?? {});
const namespaces = ["translation", "admin", "studio", "draw"];
const base = (key: string) => key.replace(/_(one|other)$/, "");
const slots = (text: string) => [...new Set([...text.matchAll(/{{(\w+)}}/g)].map((found) => found[1]))].sort();

test.each(namespaces)("%s says the same things in both languages", (namespace) => {
  const vi = bundle("vi", namespace), en = bundle("en", namespace);
  expect(vi.size).toBeGreaterThan(0);
  // Vietnamese has one form for any number.
  expect([...new Set([...en.keys()].map(base))].sort()).toEqual([...new Set([...vi.keys()].map(base))].sort());
  for (const [key, text] of en) {
    const other = vi.get(key) ?? vi.get(`${base(key)}_other`) ?? vi.get(base(key));
    expect(slots(text).filter((slot) => !slots(other ?? "").includes(slot ?? "")), key).toEqual([]);
  }
});

test("every sentence that the studio asks for is there", () => {
  const known = new Set([...bundle("vi", "studio").keys(), ...bundle("vi", "translation").keys()].map(base));
  const sources = import.meta.glob<string>(["./studio/*.tsx", "./studio/parts/*.tsx", "./studio/state/*.ts"], { query: "?raw", import: "default", eager: true });
  expect(Object.keys(sources).length).toBeGreaterThan(10);
  const missing = Object.entries(sources).flatMap(([file, text]) => [...text.matchAll(/\bt\("([a-zA-Z_.]+)"/g)].map((found) => found[1] ?? "").filter((key) => !known.has(key) && !known.has(base(key))).map((key) => `${file}: ${key}`));
  expect(missing).toEqual([]);
});
