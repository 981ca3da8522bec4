import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, openPage, origin } from "./support/browser.mjs";
import { aPlot, DESKTOP, drawn, PHONE, sentence } from "./support/portal.mjs";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

let browser, plot;
before(async () => {
  browser = await launch();
  plot = await aPlot(origin);
});
after(() => browser?.close());

/** What axe finds against WCAG 2.1 AA, as `rule: element` lines. */
async function findings(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
    return violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(" ")} – ${node.failureSummary}`));
  });
}

for (const [name, viewport] of [["a desktop", DESKTOP], ["a phone", PHONE]]) {
  test(`on ${name} the portal meets WCAG 2.1 AA: empty, answered, legend open`, async () => {
    const page = await openPage(browser, "/", { viewport });
    await drawn(page);
    assert.deepEqual(await findings(page), []);
    const answered = await openPage(browser, `/#parcel=${plot.id}`, { viewport });
    await sentence(answered, /Thửa/);
    await drawn(answered);
    for (const summary of await answered.locator("summary").all()) if (!(await summary.evaluate((one) => one.parentElement.open))) await summary.evaluate((one) => one.click());
    assert.deepEqual(await findings(answered), []);
    await answered.getByRole("button", { name: "Lớp và chú giải" }).click();
    await answered.locator("#legend label").first().waitFor();
    assert.deepEqual(await findings(answered), []);
  });

  test(`on ${name} every control is large enough for a finger`, async () => {
    const page = await openPage(browser, `/#parcel=${plot.id}`, { viewport });
    await sentence(page, /Thửa/);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, input, summary, .layer-row")]
        .map((one) => ({ one: one.className || one.tagName, box: one.getBoundingClientRect() }))
        .filter(({ one, box }) => box.height > 0 && box.height < 43.5 && !String(one).includes("sheet-handle"))
        .map(({ one, box }) => `${one}: ${Math.round(box.width)}×${Math.round(box.height)}`));
    assert.deepEqual(small, []);
  });
}
