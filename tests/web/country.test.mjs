import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, origin } from "./support/browser.mjs";
import { DESKTOP, drawn, pixels } from "./support/portal.mjs";

const NAMES = [
  { name: "Quần đảo Hoàng Sa", lon: 112.1, lat: 16.35 },
  { name: "Quần đảo Trường Sa", lon: 113.4, lat: 9.45 },
  { name: "Biển Đông", lon: 113.2, lat: 13.1 },
];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Dark enough to be letters on the sea. */
const isInk = ([r, g, b]) => (r + g + b) / 3 < 150;

for (const zoom of [4, 5, 6]) {
  test(`Hoàng Sa, Trường Sa and Biển Đông are named on the map at zoom ${zoom}`, async () => {
    const page = await openPage(browser, `/#${zoom}/13/112.6`, { viewport: DESKTOP });
    await drawn(page);
    await page.waitForTimeout(600);
    const said = await page.evaluate(() => window.dothiMap.inner.queryRenderedFeatures({ layers: ["country-archipelago", "country-sea"] }).map((feature) => feature.properties.name));
    for (const { name, lon, lat } of NAMES) {
      assert.ok(said.includes(name), `${name} is not among ${said}`);
      const ink = (await pixels(page, lon, lat, 60, 14)).filter(isInk).length;
      assert.ok(ink > 40, `${name}: only ${ink} pixels of ink at zoom ${zoom}`);
    }
    assert.deepEqual(page.faults, []);
  });
}

test("the archipelagos are in the tiles too, as land of Vietnam", async () => {
  for (const { name, lon, lat } of NAMES.slice(0, 2)) {
    const x = Math.floor(((lon + 180) / 360) * 32);
    const sin = Math.sin((lat * Math.PI) / 180);
    const y = Math.floor((0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * 32);
    const tile = await fetch(`${origin}/tiles/admin_unit/5/${x}/${y}`);
    assert.equal(tile.status, 200);
    assert.ok((await tile.arrayBuffer()).byteLength > 100, `the tile over ${name} is empty`);
  }
});
