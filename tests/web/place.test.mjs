// Where one stands, where a plot was, and how near the map comes: the portal leads to a place without claiming more than is known.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, origin } from "./support/browser.mjs";
import { aPlot, DESKTOP, drawn, PHONE, sentence, until } from "./support/portal.mjs";

let browser, plot;
before(async () => {
  browser = await launch();
  plot = await aPlot(origin);
});
after(() => browser?.close());

test("whoever asks where they are sees a dot and how sure that is, and a rough position says that the plot may be another", async () => {
  const place = { latitude: plot.lat, longitude: plot.lon };
  const page = await openPage(browser, "/", { viewport: PHONE, hasTouch: true, isMobile: true, permissions: ["geolocation"], geolocation: { ...place, accuracy: 30 } });
  await drawn(page);
  const locate = page.getByRole("button", { name: "Vị trí của tôi" });
  await locate.tap();
  await sentence(page, /Thửa/);
  assert.match(await page.locator(".found-note").innerText(), /trong khoảng 30 m.*thửa khác.*chạm/s);
  await drawn(page);
  const shapes = () => page.evaluate(() => window.dothiMap.inner.queryRenderedFeatures({ layers: ["standing-spot", "standing-within"] }).map((one) => one.layer.id));
  await until("a dot in its circle", shapes, (found) => found.includes("standing-spot") && found.includes("standing-within"));

  // Less than half a metre: the plot is sure, and nothing is said.
  await page.context().setGeolocation({ ...place, accuracy: 0.3 });
  await page.getByRole("button", { name: "Đóng" }).first().tap();
  await locate.tap();
  await sentence(page, /Thửa/);
  assert.equal(await page.locator(".found-note").count(), 0);

  // A kilometre says nothing about a plot.
  await page.context().setGeolocation({ ...place, accuracy: 1200 });
  await locate.tap();
  await sentence(page, /trong khoảng 1,2 km/);
  assert.doesNotMatch(await page.evaluate(() => location.hash), /at=|parcel=/);
  assert.deepEqual(page.faults, []);
});

test("a link to a plot that has gone says why that may be and opens what lies there today", async () => {
  const made = await openPage(browser, `/#parcel=${plot.id}`, { viewport: DESKTOP });
  await sentence(made, /Thửa/);
  const hash = await until("the link carries the place", () => made.evaluate(() => location.hash), (hash) => /parcel=.*at=/.test(hash));
  const gone = hash.replace(plot.id, "00000000-0000-4000-8000-000000000000").replace(/^#[\d.]+\/[^&]*&/, "#");
  const page = await openPage(browser, `/${gone}`, { viewport: DESKTOP });
  await sentence(page, /không còn nữa/);
  const panel = page.locator(".answer");
  await panel.getByText(/Tại chỗ đó hôm nay: Thửa/).waitFor();
  assert.match(await panel.innerText(), /tách, hợp hoặc đánh số lại/);
  await page.getByRole("button", { name: "Mở thửa tại chỗ đó" }).click();
  await sentence(page, /^Thửa 345/);
  assert.doesNotMatch(await page.evaluate(() => location.hash), /parcel=/);
  // The browser itself writes the 404 of the question down.
  assert.deepEqual(page.faults.filter((fault) => !/status of 404/.test(fault)), []);
});

test("a tap on a small map is answered at the zoom the reader chose, and a button leads to the plot", async () => {
  const page = await openPage(browser, `/#13/${plot.lat}/${plot.lon}`, { viewport: PHONE, hasTouch: true, isMobile: true });
  await drawn(page);
  // A plot where the sheet will come to lie: the map makes room without coming nearer.
  const spot = await page.evaluate(({ lon, lat }) => {
    const map = window.dothiMap.inner, middle = map.project([lon, lat]);
    map.jumpTo({ center: map.unproject([middle.x, middle.y - map.getContainer().clientHeight / 4]) });
    return map.project([lon, lat]);
  }, plot);
  await drawn(page);
  await page.touchscreen.tap(spot.x, spot.y);
  await sentence(page, /Thửa/);
  await until("the plot is over the sheet", () => page.evaluate(({ lon, lat }) => window.dothiMap.inner.project([lon, lat]).y, plot), (y) => y < PHONE.height * 0.5);
  assert.equal(Math.round(await page.evaluate(() => window.dothiMap.inner.getZoom())), 13);
  await page.getByRole("button", { name: "Phóng tới thửa" }).tap();
  await until("the plot is near", () => page.evaluate(() => window.dothiMap.inner.getZoom()), (zoom) => zoom > 17);
  await page.getByRole("button", { name: "Phóng tới thửa" }).waitFor({ state: "detached" });
  assert.deepEqual(page.faults, []);
});
