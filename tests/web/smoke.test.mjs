import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, origin } from "./support/browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("the page opens, draws a map, and asks nobody outside", async () => {
  const page = await openPage(browser);
  await page.locator("canvas").first().waitFor({ timeout: 30_000 });
  assert.deepEqual(page.faults, []);
});

test("the notices of what the pages are made of travel with them", async () => {
  const libraries = await (await fetch(`${origin}/licences.md`)).text();
  assert.match(libraries, /maplibre-gl.*BSD-3-Clause/);
  assert.match(await (await fetch(`${origin}/assets/fonts/OFL.txt`)).text(), /SIL Open Font License/i);
});
