import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, origin } from "./support/browser.mjs";
import { DESKTOP, drawn, PHONE, pixels, until } from "./support/portal.mjs";

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

for (const [width, height, zoom, middle] of [[360, 640, 4.2, "13/109"], [360, 640, 5, "13/110"], [390, 844, 4, "13/112"], [390, 844, 4.6, "16.2/107.8"], [390, 844, 5.2, "13/110"], [1024, 640, 5.2, "13/110"]]) {
  test(`nothing of the page lies over those names at ${width} × ${height}, zoom ${zoom}`, async () => {
    const isPhone = width < 600;
    const page = await openPage(browser, `/#${zoom}/${middle}`, { viewport: { width, height }, hasTouch: isPhone, isMobile: isPhone });
    await drawn(page);
    await page.waitForTimeout(600);
    for (const { name } of NAMES) {
      const label = await page.evaluate((wanted) => {
        const map = window.dothiMap.inner;
        const feature = map.queryRenderedFeatures({ layers: ["country-archipelago", "country-sea"] }).find((one) => one.properties.name === wanted);
        if (!feature) return null;
        const [lon, lat] = feature.geometry.coordinates, { x, y } = map.project([lon, lat]), room = map.getContainer().getBoundingClientRect();
        const spots = [-50, -25, 0, 25, 50].flatMap((dx) => [-9, 0, 9].map((dy) => [x + dx + room.left, y + dy + room.top]));
        const covers = spots.map(([left, top]) => document.elementFromPoint(left, top)).filter((one) => one !== map.getCanvas());
        return { lon, lat, covers: covers.map((one) => one?.className ?? "out of sight") };
      }, name);
      assert.ok(label, `${name} is not drawn`);
      assert.deepEqual(label.covers, [], `${name} is covered`);
      const ink = (await pixels(page, label.lon, label.lat, 60, 14)).filter(isInk).length;
      assert.ok(ink > 40, `${name}: only ${ink} pixels of ink`);
    }
    assert.deepEqual(page.faults, []);
  });
}

test("a phone names the country and its three great cities", async () => {
  const page = await openPage(browser, "/#4.6/16.2/107.8", { viewport: PHONE, hasTouch: true, isMobile: true });
  await drawn(page);
  await page.waitForTimeout(600);
  const said = await page.evaluate(() => window.dothiMap.inner.queryRenderedFeatures({ layers: ["country-name", "country-city"] }).map((feature) => feature.properties.name));
  assert.deepEqual([...new Set(said)].sort(), ["Hà Nội", "TP. Hồ Chí Minh", "Việt Nam", "Đà Nẵng"]);
  assert.deepEqual(page.faults, []);
});

test("each province is named once, on its own land, and not on its islets", async () => {
  const page = await openPage(browser, "/#5/16/107", { viewport: DESKTOP });
  await drawn(page);
  const found = await page.evaluate(() => {
    const map = window.dothiMap.inner;
    const names = map.getStyle().sources.country.data.features.filter((feature) => feature.properties.kind === "province");
    const land = map.queryRenderedFeatures({ layers: ["province-land"] }).map((feature) => feature.properties.short_name);
    return {
      land: [...new Set(land)].length,
      wrong: names.flatMap(({ properties, geometry }) => {
        const under = map.queryRenderedFeatures(map.project(geometry.coordinates), { layers: ["province-land"] })[0]?.properties.short_name;
        return under === properties.name ? [] : [[properties.name, under]];
      }),
    };
  });
  assert.deepEqual(found, { land: 34, wrong: [] });
  await page.evaluate(() => window.dothiMap.inner.jumpTo({ center: [114, 9.5], zoom: 7 }));
  await drawn(page);
  const onTheSea = await page.evaluate(() => window.dothiMap.inner.queryRenderedFeatures({ layers: ["country-province"] }).map((feature) => feature.properties.name));
  assert.deepEqual(onTheSea, []);
  assert.deepEqual(page.faults, []);
});

test("wards have their names at zoom 10, one a ward, and are switched off with their layer", async () => {
  const page = await openPage(browser, "/#10/10.6/106.8", { viewport: DESKTOP });
  const said = async () => {
    await drawn(page);
    return page.evaluate(() => window.dothiMap.inner.queryRenderedFeatures({ layers: ["ward-name-once"] }).map((feature) => feature.properties.code));
  };
  const codes = await until("wards are named", said, (found) => found.length > 40);
  assert.equal(new Set(codes).size, codes.length, "a ward is named twice");
  assert.deepEqual(await page.evaluate(() => window.dothiMap.inner.queryRenderedFeatures({ layers: ["ward-name"] }).length), 0);
  await page.evaluate(() => { location.hash = "#10/10.6/106.8&off=admin_unit"; });
  await until("no ward is named", said, (found) => found.length === 0);
  assert.deepEqual(page.faults, []);
});

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
