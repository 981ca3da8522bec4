import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, openPage, origin } from "./support/browser.mjs";
import { account, signIn } from "./support/people.mjs";
import { DESKTOP, difference, drawn, pixels, until } from "./support/portal.mjs";
import { writeGeoTiff } from "./support/geotiff.mjs";
import { COLOURS, MEET } from "./support/underlay.mjs";

const dothi = fileURLToPath(new URL("../../target/debug/dothi", import.meta.url));
let browser, planner;
before(async () => {
  browser = await launch();
  planner = account("nguoi.ve", "planner");
});
after(() => browser?.close());

const HERE = { lon: 106.6966, lat: 10.7785 };
const TABLE = [
  "Mốc\tX (m)\tY (m)\tCạnh (m)",
  "1\t1192111,984\t603316,178\t14,352",
  "2\t1192122,434\t603326,015\t4,384",
  "3\t1192119,429\t603329,207\t14,352",
  "4\t1192108,979\t603319,370\t4,384",
].join("\n");

/** The studio with a planner in it, at a spot. */
async function studio({ lon, lat, zoom = 20 } = HERE, options = {}) {
  const page = await openPage(browser, `/studio#${zoom}/${lat}/${lon}`, { viewport: DESKTOP, ...options });
  await signIn(page, planner);
  await page.waitForFunction(() => window.dothiDraw, null, { timeout: 30_000 });
  await drawn(page);
  return page;
}

const begin = (page, subject) =>
  page.evaluate((given) => window.dothiDraw.start({ layer: "parcel", id: null, geometry: "multipolygon", shape: null, legal: true, srid: 9210, ...given }), subject);
const state = (page) => page.evaluate(() => {
  const { drawn, tool, open, shared } = window.dothiDraw.view();
  return { tool, open: open?.length ?? 0, shared, server: drawn?.server, geometry: drawn?.geometry, area: drawn?.area, rules: drawn?.problems.map((one) => one.rule) };
});
/** Waits until what lies around has come: on a busy machine a tap may be quicker, and then goes where it was put. */
const surrounded = (page, id = null) => page.waitForFunction((id) => window.dothiDraw.around.all({ layer: "parcel", id }).length > 3, id, { timeout: 20_000 });
/** Where a place is on the screen. */
const onScreen = (page, lon, lat) => page.evaluate(([lon, lat]) => {
  const { left, top } = window.dothiMap.inner.getCanvas().getBoundingClientRect(), { x, y } = window.dothiMap.inner.project([lon, lat]);
  return [left + x, top + y];
}, [lon, lat]);
/** What the eye sees at a spot of the screen, whichever canvas it is of. */
async function shownAt(page, x, y) {
  const shot = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  return page.evaluate(async (png) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }, shot.toString("base64"));
}
const parcelsAt = async ({ lon, lat }, reach = 0.0004) =>
  (await (await fetch(`${origin}/api/v1/within?layers=parcel&bbox=${lon - reach},${lat - reach},${lon + reach},${lat + reach}`)).json()).features;
const corners = (feature) => feature.geometry.coordinates[0][0].slice(1);
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

test("a corner table goes in, and comes out the same to the millimetre", async () => {
  const page = await studio(HERE, clipboard);
  await begin(page);
  await page.keyboard.press("b");
  await page.fill("#corner-text", `Bảng kê tọa độ\n${TABLE}\nHai bên xác nhận`);
  await page.getByText("Đọc được 4 mốc").waitFor();
  assert.match(await page.locator(".corner-said li").innerText(), /Dòng 7: không đọc được/);
  await page.getByRole("button", { name: "Dùng hình này" }).click();
  const { server, area, rules } = await state(page);
  assert.deepEqual(server, {
    type: "MultiPolygon", srid: 9210,
    coordinates: [[[[603316.178, 1192111.984], [603326.015, 1192122.434], [603329.207, 1192119.429], [603319.37, 1192108.979], [603316.178, 1192111.984]]]],
  });
  assert.deepEqual(rules, []);
  assert.ok(Math.abs(area - 62.916585) < 1e-5, `${area} m²`);
  await page.getByRole("button", { name: "Chép bảng" }).click();
  await page.getByText("Đã chép").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), TABLE);
  assert.deepEqual(page.faults, []);
});

test("a table whose columns stand the other way round, in another zone, is read and said", async () => {
  const page = await studio();
  await begin(page);
  await page.keyboard.press("b");
  await page.locator(".corner-zone select").selectOption("5898");
  await page.fill("#corner-text", "603316.178 1192111.984\n603326.015 1192122.434\n603329.207 1192119.429");
  await page.getByText(/ngược với sổ/).waitFor();
  await page.getByText(/ngoài địa bàn/).waitFor();
  await page.getByRole("button", { name: /Dùng múi .*105°45/ }).click();
  await page.getByText(/ngoài địa bàn/).waitFor({ state: "hidden" });
  assert.deepEqual(page.faults, []);
});

test("snapping takes the neighbour's corner digit for digit, and tracing follows its border", async () => {
  const page = await studio();
  const parcel = (await parcelsAt(HERE)).find((one) => corners(one).length === 4);
  const [first, second, third] = corners(parcel);
  await page.evaluate(([lon, lat]) => window.dothiMap.inner.jumpTo({ center: [lon, lat], zoom: 20 }), second);
  await drawn(page);
  await begin(page);
  await surrounded(page);
  await page.keyboard.press("t");
  const [x, y] = await onScreen(page, ...first);
  await page.mouse.click(x + 3, y - 3);
  await until("a corner is put down", () => state(page), ({ open }) => open === 1);
  const [u, v] = await onScreen(page, ...third);
  await page.mouse.move(u - 2, v + 2);
  await page.locator(".draw-hint[data-hold=corner]", { hasText: "Bắt đỉnh của Thửa đất" }).waitFor();
  await page.mouse.click(u - 2, v + 2);
  await until("the border was followed", () => state(page), ({ open }) => open === 3);
  await page.keyboard.press("Enter");
  const { geometry } = await state(page);
  const ring = geometry.coordinates[0][0];
  assert.deepEqual(ring[0], first);
  assert.deepEqual(ring[2], third);
  assert.ok(corners(parcel).some(([lon, lat]) => ring[1][0] === lon && ring[1][1] === lat), "the traced corner is the neighbour's");
  assert.deepEqual(page.faults, []);
});

test("a border that crosses itself is marked at the place while it is drawn", async () => {
  const page = await studio();
  await begin(page);
  await page.keyboard.press("s");
  const [x, y] = await onScreen(page, HERE.lon, HERE.lat);
  for (const [i, [dx, dy]] of [[-100, -80], [100, 80], [100, -80], [-100, 80]].entries()) {
    await page.mouse.click(x + dx, y + dy);
    await until("a corner is put down", () => state(page), ({ open }) => open === i + 1);
  }
  await page.locator(".draw-hint.refuse", { hasText: "tự cắt" }).waitFor();
  const marks = await until("it is marked", () => page.evaluate(() => window.dothiMap.inner.getSource("td-point").serialize().data.features
    .filter((one) => one.properties.role === "problem").map((one) => window.dothiMap.inner.project(one.geometry.coordinates)).map(({ x, y }) => [x, y])), (found) => found.length > 0);
  const [left, top] = await page.evaluate(() => { const box = window.dothiMap.inner.getCanvas().getBoundingClientRect(); return [box.left, box.top]; });
  assert.ok(Math.hypot(marks[0][0] + left - x, marks[0][1] + top - y) < 2, `marked at ${marks[0]}, not in the middle ${[x - left, y - top]}`);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  assert.equal((await state(page)).open, 3);
  assert.ok(!(await state(page)).rules.includes("crossing"));
  assert.deepEqual(page.faults, []);
});

test("a corner that neighbours share is moved with them", async () => {
  const page = await studio();
  const parcels = await parcelsAt(HERE);
  const shared = (one) => corners(one).findIndex((corner) => parcels.some((other) => other !== one && corners(other).some((its) => its[0] === corner[0] && its[1] === corner[1])));
  const parcel = parcels.find((one) => shared(one) >= 0 && corners(one).length === 4);
  const corner = corners(parcel)[shared(parcel)];
  await page.evaluate(([lon, lat]) => window.dothiMap.inner.jumpTo({ center: [lon, lat], zoom: 20 }), corner);
  await drawn(page);
  await page.evaluate(() => { window.moves = []; window.dothiDraw.onShared((moves) => window.moves.push(...moves)); });
  await begin(page, { id: parcel.id, shape: parcel.geometry });
  const [x, y] = await onScreen(page, ...corner);
  await page.keyboard.press("s");
  await surrounded(page, parcel.id);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 30, y + 20, { steps: 6 });
  await page.mouse.up();
  await page.getByRole("button", { name: "Dời cùng" }).click();
  const moves = await page.evaluate(() => window.moves);
  const own = (await state(page)).server.coordinates[0][0].map(String);
  const legal = moves.filter((move) => move.layer === "parcel");
  assert.ok(legal.length > 0);
  for (const move of legal) {
    assert.equal(move.server.srid, 9210);
    assert.ok(move.server.coordinates.flat(2).some((its) => own.includes(String(its))), "the neighbour has the very same corner");
  }
  assert.deepEqual(page.faults, []);
});

test("a plot is drawn with the keyboard alone: coordinates, lengths and bearings", async () => {
  const page = await studio();
  await begin(page);
  await page.keyboard.press("g");
  for (const typed of ["603316,178 1192111,984", "10 m, 90", "8; 0", "@10<270"]) {
    await page.keyboard.type(typed);
    if (typed.startsWith("6033")) await page.getByText(/Số thứ nhất là Y/).waitFor();
    await page.keyboard.press("Enter");
  }
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  const { server, area } = await state(page);
  assert.deepEqual(server.coordinates[0][0], [[603316.178, 1192111.984], [603326.178, 1192111.984], [603326.178, 1192119.984], [603316.178, 1192119.984], [603316.178, 1192111.984]]);
  assert.ok(Math.abs(area - 80) < 1e-6, `${area}`);
  await page.keyboard.press("]");
  await page.keyboard.press("ArrowRight");
  assert.deepEqual((await state(page)).server.coordinates[0][0][0], [603316.278, 1192111.984]);
  assert.deepEqual(page.faults, []);
});

test("the pictures that the administrator named lie below the map at their place, or beside it, and no other host is let in", async () => {
  const page = await studio({ ...MEET, zoom: 18 });
  const pictures = new URL(JSON.parse(await (await fetch(`${origin}/api/v1/underlays`)).text())[0].tiles.replace(/[{}]/g, "")).origin;
  const others = () => page.faults.filter((fault) => !fault.includes(pictures));
  // Fifteen pixels beside the point where the colours meet; lines of plots lie over them.
  const away = 15 * 0.6 / 111_000;
  const quarters = { northWest: [-away, away], northEast: [away, away], southWest: [-away, -away], southEast: [away, -away] };
  const share = (rows, colour) => rows.filter((row) => difference(row, colour) < 40).length / rows.length;
  const shares = async () => Promise.all(Object.entries(quarters).map(async ([where, [east, north]]) =>
    share(await pixels(page, MEET.lon + east, MEET.lat + north, 10, 10), COLOURS[where])));
  const select = page.locator(".underlay select");
  for (const name of ["Ảnh XYZ", "Ảnh WMTS", "Ảnh WMS"]) {
    await select.selectOption({ label: name });
    await page.locator(".underlay input[type=range]").fill("1");
    await until(`${name} is seen where it belongs`, shares, (seen) => seen.every((one) => one > 0.6), 20_000);
    await select.selectOption("");
    await until(`${name} is gone`, shares, (seen) => seen.every((one) => one < 0.2));
  }
  await select.selectOption({ label: "Ảnh WMS" });
  await page.locator(".underlay input[type=checkbox]").check();
  const overlay = page.locator(".map-swipe");
  await overlay.waitFor();
  assert.match(await overlay.getAttribute("style"), /inset\(0(px)? 0(px)? 0(px)? 50%\)/);

  // A host that nobody named hears nothing, whichever way a page would ask it.
  const heard = [];
  const stranger = createServer((request, response) => {
    heard.push(request.url);
    response.writeHead(204, { "access-control-allow-origin": "*" }).end();
  });
  await new Promise((done) => stranger.listen(0, "127.0.0.1", done));
  const host = `http://127.0.0.1:${stranger.address().port}`;
  const refused = await page.evaluate((host) => new Promise((done) => {
    const violated = new Set();
    document.addEventListener("securitypolicyviolation", (event) => {
      violated.add(event.effectiveDirective);
      if (violated.size === 2) done([...violated].sort());
    });
    fetch(`${host}/fetched`).catch(() => undefined);
    new Image().src = `${host}/picture.png`;
    // As an underlay of its own would.
    window.dothiMap.inner.addSource("stranger", { type: "raster", tiles: [`${host}/{z}/{x}/{y}.png`] });
    window.dothiMap.inner.addLayer({ id: "stranger", type: "raster", source: "stranger" });
  }), host);
  assert.deepEqual(refused, ["connect-src", "img-src"]);
  await drawn(page);
  assert.deepEqual(heard, []);
  stranger.close();
  assert.deepEqual(others().filter((fault) => !fault.includes(host) && !/Content Security Policy|AJAXError|Failed to fetch/.test(fault)), []);
  await page.context().close();
});

test("a scan in VN-2000 that was tiled in the shell lies where it belongs, fades, and is wiped over the map by mouse and by keys", async () => {
  const asked = await (await fetch(`${origin}/api/v1/lookup?lon=${HERE.lon}&lat=${HERE.lat}`)).json();
  const { x_north: north, y_east: east } = asked.vn2000;
  const folder = mkdtempSync(join(tmpdir(), "dothi-scan-"));
  const file = join(folder, "to_12.tif"), side = 400, metres = 0.5;
  // Red in the west of the place, green in the east of it.
  writeGeoTiff(file, { side, metres, east: east - 100, north: north + 100, epsg: 9210, colour: (column) => (column < side / 2 ? [220, 30, 30] : [30, 200, 60]) });
  const shell = (...words) => execFileSync(dothi, ["underlay", ...words], { encoding: "utf8", env: { ...process.env, LC_ALL: "en_US.UTF-8" } });
  assert.match(shell("add", file, "--name", "to_12", "--title", "Tờ bản đồ 12", "--title-en", "Sheet 12"), /to_12 added: 400 × 400 pixels by .*look whether it lies right/s);
  const page = await studio({ ...HERE, zoom: 19 });
  await page.locator(".underlay select").selectOption({ label: "Tờ bản đồ 12" });
  const opacity = page.locator(".underlay input[type=range]");
  await opacity.fill("1");
  const metre = 1 / 109_400;
  const isNear = (colour) => (rows) => rows.every((row) => difference(row, colour) < 40);
  const at = (metresEast) => () => pixels(page, HERE.lon + metresEast * metre, HERE.lat, 0, 0);
  await until("its west is red", at(-1), isNear([220, 30, 30]), 20_000);
  await until("its east is green", at(1), isNear([30, 200, 60]));
  // It stays while one looks at the drafts.
  const pages = page.locator(".panel-tabs button");
  await pages.filter({ hasText: "Bản nháp" }).click();
  await page.locator(".drafts").first().waitFor();
  assert.equal(await opacity.isVisible(), false);
  await until("it is still there", at(1), isNear([30, 200, 60]));
  await pages.filter({ hasText: "Lớp" }).click();
  // It fades by keys.
  await opacity.focus();
  const [full] = await at(8)();
  for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowLeft");
  await until("the map shines through", at(8), ([row]) => difference(row, full) > 30);
  assert.equal(await page.locator(".underlay output").textContent(), "50 %");

  await page.locator(".underlay input[type=checkbox]").check();
  const cut = async () => Number(/([\d.]+)%/.exec(await page.locator(".map-swipe").getAttribute("style"))[1]);
  await until("it begins in the middle", cut, (share) => share === 50);
  const line = page.locator("[role=slider].swipe-line");
  await line.focus();
  await page.keyboard.press("ArrowLeft");
  await until("an arrow moves the line", cut, (share) => share < 50);
  const box = await line.boundingBox();
  const map = await page.locator(".maplibregl-canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(map.x + map.width * 0.25, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await until("the line goes where it is dragged", cut, (share) => Math.abs(share - 25) < 2);
  const [x, y] = await onScreen(page, HERE.lon + 8 * metre, HERE.lat);
  await until("right of it there is the picture", async () => [await shownAt(page, x, y)], isNear([30, 200, 60]));
  await page.keyboard.press("End");
  await until("at the end there is the map alone", cut, (share) => share === 100);
  shell("remove", "to_12");
  rmSync(folder, { recursive: true });
});
