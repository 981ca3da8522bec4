import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./support/browser.mjs";

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
