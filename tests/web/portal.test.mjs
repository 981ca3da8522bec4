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

test("a typed plot number opens the plot and says in one sentence what applies", async () => {
  const page = await openPage(browser, "/", { viewport: DESKTOP });
  await drawn(page);
  await page.getByRole("combobox").fill("tờ 12 thửa 345");
  await page.getByRole("option").first().click();
  assert.match(await sentence(page, /345/), /Thửa 345, tờ 12/);
  assert.match(await page.evaluate(() => location.hash), /parcel=[0-9a-f-]{36}/);
  assert.ok(await page.getByText(/tham khảo/i).first().isVisible());
  const outlined = await until("the plot is outlined", () => page.evaluate(() => window.dothiMap.inner.querySourceFeatures("selection").length), (count) => count > 0);
  assert.ok(outlined > 0);
  assert.deepEqual(page.faults, []);
});

test("a tap on a plot reads its sentence, and its link opens the same plot again", async () => {
  const page = await openPage(browser, `/#18.5/${plot.lat}/${plot.lon}`, { viewport: DESKTOP });
  await drawn(page);
  const { x, y } = await page.evaluate(({ lon, lat }) => {
    const map = window.dothiMap.inner, box = map.getCanvas().getBoundingClientRect(), at = map.project([lon, lat]);
    return { x: box.left + at.x, y: box.top + at.y };
  }, plot);
  await page.mouse.click(x, y);
  const said = await sentence(page, /Thửa/);
  const again = await openPage(browser, `/${await page.evaluate(() => location.hash)}`, { viewport: DESKTOP });
  assert.equal(await sentence(again, /Thửa/), said);
  assert.deepEqual([...page.faults, ...again.faults], []);
});

test("one switch turns everything into English, and the link keeps it", async () => {
  const page = await openPage(browser, `/#parcel=${plot.id}`, { viewport: DESKTOP });
  const vietnamese = await sentence(page, /Thửa/);
  await page.getByRole("button", { name: "English" }).click();
  const english = await sentence(page, /\b(plot|parcel|sheet)\b/i);
  assert.notEqual(english, vietnamese);
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  assert.match(await page.evaluate(() => location.hash), /lang=en/);
  assert.ok(await page.getByRole("button", { name: "Layers and legend" }).isVisible());
  assert.deepEqual(page.faults, []);
});

test("the keyboard alone searches, opens a plot, unfolds its details and closes it", async () => {
  const page = await openPage(browser, "/", { viewport: DESKTOP });
  await drawn(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "search");
  await page.keyboard.type("tờ 12 thửa 345");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.getByRole("option", { selected: true }).count(), 1);
  await page.keyboard.press("Enter");
  await sentence(page, /Thửa 345/);
  await page.locator("summary").first().focus();
  const wasOpen = await page.locator("details").first().evaluate((details) => details.open);
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("details").first().evaluate((details) => details.open), !wasOpen);
  await page.keyboard.press("Escape");
  await sentence(page, /Chạm vào bản đồ/);
  assert.deepEqual(page.faults, []);
});

test("three searches are offered while the box is empty", async () => {
  const page = await openPage(browser, "/", { viewport: DESKTOP });
  await page.getByRole("combobox").click();
  assert.equal(await page.getByRole("option").count(), 3);
  await page.getByRole("option").first().click();
  assert.notEqual(await page.getByRole("combobox").inputValue(), "");
  assert.deepEqual(page.faults, []);
});

test("the name of an old ward leads to today's, and says so", async () => {
  const page = await openPage(browser, "/", { viewport: DESKTOP });
  await page.getByRole("combobox").fill("phường Đa Kao");
  await page.getByText("Từ 01/07/2025 thuộc").first().waitFor();
  const first = await page.getByRole("option").first().innerText();
  assert.match(first, /Phường Đa Kao \(cũ\)[\s\S]*Phường Sài Gòn/);
  assert.deepEqual(page.faults, []);
});

test("a place that cannot be found is said kindly, with the forms that work", async () => {
  const page = await openPage(browser, "/", { viewport: DESKTOP });
  await page.getByRole("combobox").fill("qxzwvkj 99999");
  await page.getByText("Không tìm thấy").waitFor();
  assert.ok(await page.getByText("tờ 12 thửa 345").isVisible());
  assert.deepEqual(page.faults, []);
});

test("on a phone the answer is a sheet of three heights", async () => {
  const page = await openPage(browser, `/#parcel=${plot.id}`, { viewport: PHONE, hasTouch: true });
  await sentence(page, /Thửa/);
  await drawn(page);
  const sheet = page.locator(".sheet"), handle = page.locator(".sheet-handle");
  const settled = (name, holds) => until(`the sheet is ${name}`, async () => ({ name: await sheet.getAttribute("data-height"), height: (await sheet.boundingBox()).height }), (now) => now.name === name && holds(now.height));
  const half = (await settled("half", (height) => height > PHONE.height * 0.4)).height;
  await handle.click();
  const full = (await settled("full", (height) => height > PHONE.height * 0.85)).height;
  await handle.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const line = (await settled("line", (height) => height < PHONE.height * 0.2)).height;
  assert.ok(line < half && half < full, `${line} < ${half} < ${full}`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  assert.deepEqual(page.faults, []);
});

test("a layer switched off leaves the map and stays off in the link", async () => {
  const page = await openPage(browser, `/#17/${plot.lat}/${plot.lon}`, { viewport: DESKTOP });
  await drawn(page);
  await page.getByRole("button", { name: "Lớp và chú giải" }).click();
  const parcels = page.locator("label", { hasText: /^Thửa đất/ }).getByRole("checkbox");
  await parcels.waitFor();
  assert.ok(await parcels.isChecked());
  await parcels.uncheck();
  assert.match(await page.evaluate(() => location.hash), /off=parcel/);
  assert.equal(await page.evaluate(() => window.dothiMap.inner.getLayoutProperty("parcel-edge", "visibility")), "none");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#legend").count(), 0);
  assert.deepEqual(page.faults, []);
});

test("print shows the plot to scale with grid, north, sources, date and a code", async () => {
  const page = await openPage(browser, `/#parcel=${plot.id}`, { viewport: DESKTOP });
  await sentence(page, /Thửa/);
  await drawn(page);
  await page.getByRole("button", { name: "In", exact: true }).click();
  await page.locator(".sheet-map img").waitFor({ timeout: 30_000 });
  assert.ok((await page.locator(".sheet-grid line").count()) >= 4);
  assert.match(await page.locator(".sheet-scale").innerText(), /1:[\d.]+/);
  assert.match(await page.locator(".sheet-foot").innerText(), /Ngày in: \d\d\/\d\d\/\d{4}/);
  assert.equal(await page.locator(".sheet-north").count(), 1);
  assert.equal(await page.locator(".sheet-qr svg").count(), 1);
  assert.deepEqual(page.faults, []);
});

test("the plot that is asked about carries its number, on the screen and on paper", async () => {
  const small = await aPlot(origin, "tờ 12 thửa 34");
  const page = await openPage(browser, `/#19/${small.lat}/${small.lon}&parcel=${small.id}`, { viewport: DESKTOP });
  const number = /Thửa (\d+)/.exec(await sentence(page, /Thửa/))[1];
  await drawn(page);
  const said = () => page.evaluate(() => window.dothiMap.inner.queryRenderedFeatures({ layers: ["selection-number"] }).map((feature) => feature.properties.number));
  await until("the number is drawn", said, (numbers) => numbers.length === 1 && numbers[0] === number);
  await page.getByRole("button", { name: "In", exact: true }).click();
  await page.locator(".sheet-map img").waitFor({ timeout: 30_000 });
  const first = await page.locator(".sheet-map img").getAttribute("src");
  await page.locator(".print-bar select").selectOption("250");
  await page.waitForFunction((old) => ![old, null, undefined].includes(document.querySelector(".sheet-map img")?.getAttribute("src")), first, { timeout: 30_000 });
  // Near to, the outline is far from the middle: dark there are only the figures.
  const ink = await page.evaluate(async () => {
    const picture = document.querySelector(".sheet-map img");
    await picture.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
    const paper = canvas.getContext("2d");
    paper.drawImage(picture, 0, 0);
    const { data } = paper.getImageData(canvas.width / 2 - 30, canvas.height / 2 - 30, 60, 60);
    return Array.from({ length: 3600 }, (_, i) => data[4 * i] + data[4 * i + 1] + data[4 * i + 2]).filter((sum) => sum < 210).length;
  });
  assert.ok(ink > 60, `only ${ink} dark pixels in the middle of the plot`);
  assert.deepEqual(page.faults, []);
});

test("a link pasted into the open page moves the map and turns the language", async () => {
  const page = await openPage(browser, `/#18.00/${plot.lat}/${plot.lon}`, { viewport: DESKTOP });
  await drawn(page);
  await page.evaluate(({ lon, lat }) => { location.hash = `#16.00/${lat - 0.003}/${lon}&lang=en`; }, plot);
  const zoom = await until("the map is there", () => page.evaluate(() => window.dothiMap.inner.getZoom()), (now) => Math.abs(now - 16) < 0.01);
  assert.ok(zoom);
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  assert.deepEqual(page.faults, []);
});

test("Enter on three plots of one number lists what tells them apart, the nearest first", async () => {
  const page = await openPage(browser, "/", { viewport: DESKTOP });
  await drawn(page);
  await page.getByRole("combobox").focus();
  await page.keyboard.type("tờ 12 thửa 345");
  await page.keyboard.press("Enter");
  await page.getByText(/kết quả cùng tên/).waitFor();
  const subs = await page.locator(".result-sub").allInnerTexts();
  assert.ok(subs.length > 1 && subs.every((sub) => /\(cũ\).*cách giữa bản đồ/.test(sub)), subs.join(" | "));
  await page.keyboard.press("Enter");
  assert.match(await sentence(page, /345/), /Thửa 345, tờ 12/);
  assert.deepEqual(page.faults, []);
});

test("Enter before the results are there takes the only one of its name", async () => {
  const page = await openPage(browser, "/", { viewport: DESKTOP });
  await drawn(page);
  await page.getByRole("combobox").focus();
  await page.keyboard.type("10.7757, 106.7030");
  await page.keyboard.press("Enter");
  await until("the spot is asked about", () => page.evaluate(() => location.hash), (hash) => /at=10\.77/.test(hash));
  assert.deepEqual(page.faults, []);
});

test("a tap on the country answers the province or the sea, nothing nearer", async () => {
  const page = await openPage(browser, "/#5/14/112", { viewport: DESKTOP });
  await drawn(page);
  await page.mouse.click(900, 450);
  await page.locator(".answer-ground", { hasText: "Phóng to" }).waitFor();
  assert.doesNotMatch(await page.evaluate(() => location.hash), /at=/);
  assert.deepEqual(page.faults, []);
});

test("on a phone the legend leaves half the map, begins with what is seen, and closes by Escape", async () => {
  const page = await openPage(browser, `/#17/${plot.lat}/${plot.lon}`, { viewport: PHONE, hasTouch: true });
  await drawn(page);
  await page.getByRole("button", { name: "Lớp và chú giải" }).click();
  await page.locator(".legend-group legend", { hasText: "Đang thấy trên bản đồ" }).first().waitFor();
  await page.locator(".legend .layer-codes li").first().waitFor();
  const box = await page.locator("#legend").boundingBox();
  assert.ok(box.height <= PHONE.height * 0.51, `${box.height} of ${PHONE.height}`);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#legend").count(), 0);
  assert.deepEqual(page.faults, []);
});

test("Ctrl+P opens the designed sheet with a legend of what it shows", async () => {
  const page = await openPage(browser, `/#17/${plot.lat}/${plot.lon}`, { viewport: DESKTOP });
  await drawn(page);
  await page.keyboard.press("Control+p");
  await page.locator(".sheet-legend li").first().waitFor({ timeout: 30_000 });
  assert.deepEqual(page.faults, []);
});
