// What a planner has begun is still there after whatever happens to the browser; many objects at once; the sheet of keys.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { databaseUrl, FLAGS, launch, openPage, origin } from "./support/browser.mjs";
import { account, signIn } from "./support/people.mjs";
import { DESKTOP, drawn, PHONE, until } from "./support/portal.mjs";
import { sql } from "./support/server.mjs";

const { chromium } = createRequire(new URL("../../web/package.json", import.meta.url))("playwright-core");
const HERE = { lon: 106.6966, lat: 10.7785 };

let browser, planner;
before(async () => {
  browser = await launch();
  planner = account("nguoi.lam", "planner");
});
after(() => browser?.close());

const atDesk = async (page) => {
  await page.waitForFunction(() => window.dothiDraw, null, { timeout: 45_000 });
  await drawn(page);
};
const parcels = (page) => page.locator(".layer-button", { hasText: "Thửa đất" }).first().click();
/** Where a place is on the screen. */
const onScreen = (page, lon, lat) => page.evaluate(([lon, lat]) => {
  const { left, top } = window.dothiMap.inner.getCanvas().getBoundingClientRect(), { x, y } = window.dothiMap.inner.project([lon, lat]);
  return [left + x, top + y];
}, [lon, lat]);

async function studio(zoom = 19) {
  const page = await openPage(browser, `/studio#${zoom}/${HERE.lat}/${HERE.lon}`, { viewport: DESKTOP });
  await signIn(page, planner);
  await atDesk(page);
  await parcels(page);
  await page.locator(".rows tbody tr[data-at]").first().waitFor();
  return page;
}

/** A Chromium of its own, with a folder in which it keeps what pages give it; `kill` is what a power cut is. */
async function ownBrowser(folder) {
  const child = spawn(process.env.CHROMIUM ?? "/usr/bin/chromium", [...FLAGS, "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"], { stdio: "ignore", detached: true });
  const ended = new Promise((done) => child.on("exit", done));
  const port = await until("it listens", () => { try { return readFileSync(join(folder, "DevToolsActivePort"), "utf8").split("\n")[0]; } catch { return ""; } }, (port) => port !== "", 20_000);
  const over = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const [context] = over.contexts();
  const kill = async () => {
    // With all its processes: one left alone would go on writing into the folder for a moment.
    try { process.kill(-child.pid, "SIGKILL"); } catch { /* It has gone already. */ }
    await ended;
    await over.close().catch(() => undefined);
    rmSync(join(folder, "DevToolsActivePort"), { force: true });
  };
  return { context, kill };
}

test("a killed browser comes back with the list of changes and with the shape that was being drawn, and both can be undone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dothi-killed-"));
  const open = async ({ context }) => {
    const page = await context.newPage();
    await page.goto(`${origin}/studio#19/${HERE.lat}/${HERE.lon}`);
    return page;
  };
  const first = await ownBrowser(folder);
  try {
    let page = await open(first);
    await page.setViewportSize(DESKTOP);
    await page.evaluate(() => localStorage.setItem("dothi-lang", "vi"));
    await signIn(page, planner);
    await atDesk(page);
    await parcels(page);
    await page.locator(".rows tbody tr[data-at]").first().click();
    await page.locator("[data-field=official_id]").fill("1 2 3");
    await page.locator("[data-field=official_id]").press("Enter");
    await page.locator("[data-pending='1']").waitFor();
    await page.evaluate(({ lon, lat }) => window.dothiMap.inner.jumpTo({ center: [lon, lat], zoom: 20 }), HERE);
    await drawn(page);
    await page.locator(".table-bar button.outlined").click();
    await page.locator(".draw-tools").waitFor();
    await page.keyboard.press("s");
    const [x, y] = await onScreen(page, HERE.lon, HERE.lat);
    for (const [i, [dx, dy]] of [[-60, -50], [60, -50], [60, 40]].entries()) {
      await page.mouse.click(x + dx, y + dy);
      await page.waitForFunction((count) => window.dothiDraw.view().open?.length === count, i + 1);
    }
    const path = await page.evaluate(() => window.dothiDraw.view().open);
    await until("it is on the disk", () => page.evaluate(() => new Promise((done) => {
      const request = indexedDB.open("dothi-studio", 1);
      request.onsuccess = () => {
        const all = request.result.transaction("work").objectStore("work").getAll();
        all.onsuccess = () => { request.result.close(); done(all.result.map((one) => one.shape?.present?.open?.path?.length ?? 0)); };
      };
    })), (found) => found.includes(3));
    await first.kill();

    const second = await ownBrowser(folder);
    try {
      page = await open(second);
      await page.setViewportSize(DESKTOP);
      // Whoever comes back may have to sign in again; what they did lies here all the same.
      await page.locator("input[name=account], [data-pending]").first().waitFor({ timeout: 45_000 });
      if (await page.locator("input[name=account]").isVisible()) await signIn(page, planner);
      await page.locator("[data-pending='1']").waitFor({ timeout: 45_000 });
      await page.waitForFunction(() => window.dothiDraw?.view().open?.length === 3, null, { timeout: 20_000 });
      assert.deepEqual(await page.evaluate(() => window.dothiDraw.view().open), path, "digit for digit");
      await page.keyboard.press("Control+z");
      assert.equal(await page.evaluate(() => window.dothiDraw.view().open.length), 2);
      await page.keyboard.press("Control+y");
      await page.keyboard.press("Enter");
      await page.locator("button.main", { hasText: "Giữ hình này" }).click();
      await page.locator("[data-pending='2']").waitFor();
      // Taken into the list, it is no longer begun: the next page opens without it.
      await page.reload();
      await page.locator("[data-pending='2']").waitFor({ timeout: 45_000 });
      await atDesk(page);
      assert.equal(await page.evaluate(() => window.dothiDraw.active), false);
      await page.locator(".studio-top button[aria-label='Hoàn tác']").click();
      await page.locator(".studio-top button[aria-label='Hoàn tác']").click();
      await page.locator("[data-pending='0']").waitFor();
    } finally {
      await second.kill();
    }
  } finally {
    await first.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});

test("a closed tab leaves its begun shape to the next one, but an open tab keeps it", async () => {
  const page = await studio(20);
  await page.locator(".table-bar button.outlined").click();
  await page.locator(".draw-tools").waitFor();
  const [x, y] = await onScreen(page, HERE.lon, HERE.lat);
  await page.mouse.click(x, y);
  await page.waitForFunction(() => window.dothiDraw.view().open?.length === 1);
  const other = await page.context().newPage();
  await other.goto(`${origin}/studio`);
  await atDesk(other);
  await other.locator(".rows, .table-box, .studio-bottom").first().waitFor();
  assert.equal(await other.evaluate(() => window.dothiDraw.active), false, "somebody is at it already");
  await page.close();
  await other.reload();
  await other.waitForFunction(() => window.dothiDraw?.view().open?.length === 1, null, { timeout: 30_000 });
  await other.getByText("Đã mở lại hình đang vẽ dở").waitFor();
  await other.locator(".draw-state ~ * button, .panel-body button", { hasText: /^Bỏ$/ }).first().click();
  await other.reload();
  await atDesk(other);
  assert.equal(await other.evaluate(() => window.dothiDraw.active), false, "given up is given up");
  await other.context().close();
});

test("objects are selected by click, box, polygon and attribute, and changed together after a look at what will change", async () => {
  const page = await studio();
  const heading = page.locator(".form h2");
  const [x, y] = await onScreen(page, HERE.lon, HERE.lat);
  await page.mouse.click(x, y);
  await page.locator("[data-field=number]").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("m");
  await page.mouse.move(x - 120, y - 80);
  await page.mouse.down();
  await page.mouse.move(x + 120, y + 80, { steps: 4 });
  await page.mouse.up();
  const box = Number.parseInt(await until("many are selected", () => heading.innerText(), (text) => /đối tượng/.test(text)), 10);
  await page.keyboard.press("Escape");
  await page.keyboard.press("p");
  for (const [dx, dy] of [[-120, -80], [120, -80], [120, 80]]) await page.mouse.click(x + dx, y + dy);
  await page.keyboard.press("Enter");
  const polygon = Number.parseInt(await until("fewer are selected", () => heading.innerText(), (text) => /đối tượng/.test(text)), 10);
  assert.ok(polygon > 1 && polygon < box, `${polygon} in half of the box, ${box} in all of it`);
  await page.keyboard.press("Escape");

  // By attribute, with the choices of the code list.
  await page.locator(".table-bar button", { hasText: "Lọc" }).click();
  await page.locator(".filter select").first().selectOption("land_use");
  await page.locator(".filter select").nth(2).selectOption("TMD");
  await page.locator(".filter button", { hasText: "Thêm điều kiện" }).click();
  await page.locator(".filter select").first().selectOption("sheet");
  await page.locator(".filter input").fill("24");
  await page.locator(".filter button", { hasText: "Thêm điều kiện" }).click();
  const wanted = Number(sql(databaseUrl, "SELECT count(*) FROM gis.parcel WHERE land_use = 'TMD' AND sheet = '24' AND validity @> gis.today()").trim());
  await page.locator(".rows").and(page.locator(`[aria-rowcount='${wanted}']`)).waitFor();
  await page.locator(".table-bar button", { hasText: "Chọn tất cả" }).click();
  await heading.getByText(`${wanted} đối tượng`).waitFor();

  await page.locator("#bulk-field").selectOption("map_scale");
  const apply = page.locator(".fields .button.main");
  assert.ok(await apply.isDisabled(), "nothing is emptied because nothing was typed");
  await page.locator("[data-field=map_scale]").fill("1:2000");
  await page.locator("[data-field=map_scale]").press("Enter");
  assert.match(await page.locator(".preview").innerText(), new RegExp(`^${wanted} trong ${wanted} đối tượng sẽ đổi`));
  await apply.click();
  await page.locator(`[data-pending='${wanted}']`).waitFor();
  await page.keyboard.press("Control+z");
  await page.locator("[data-pending='0']").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("the sheet of keys tells those of drawing too, while drawing, and a new object begins with nothing selected", async () => {
  const page = await studio();
  await page.locator(".rows tbody tr[data-at]").first().click();
  await page.locator("[data-field=number]").waitFor();
  await page.locator(".table-bar button.outlined").click();
  await page.locator(".draw-tools").waitFor();
  await page.locator("[data-field=number]").waitFor({ state: "detached" });
  assert.equal(await page.locator(".draw-problems .refuse").count(), 0, "nothing is wrong before anything is drawn");
  await page.keyboard.press("?");
  const sheet = page.locator("dialog.help");
  await sheet.getByText("Khoét lỗ").waitFor();
  assert.match(await sheet.innerText(), /Dời đỉnh 10 cm/);
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  assert.ok(await page.evaluate(() => window.dothiDraw.active), "Escape closed the sheet alone");
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a form explains its attributes in the reader's language", async () => {
  const page = await studio();
  await page.locator(".rows tbody tr[data-at]").first().click();
  const field = page.locator(".field[data-name=area_m2]");
  await field.locator(".field-help").click();
  await field.getByText("Diện tích theo hồ sơ, làm tròn đến 0,1 m²").waitFor();
  await page.locator(".tools.end button", { hasText: "EN" }).click();
  await field.getByText("Area by document").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("on a phone an object is selected and a new one drawn by touch, and nothing hangs over the edge", async () => {
  const page = await openPage(browser, `/studio#20/${HERE.lat}/${HERE.lon}`, { viewport: PHONE, hasTouch: true, isMobile: true });
  await signIn(page, planner);
  await atDesk(page);
  const tab = (name) => page.locator(".studio-tabs button", { hasText: name });
  await tab("Lớp").tap();
  await page.locator(".layer-button", { hasText: "Thửa đất" }).first().tap();
  await tab("Bản đồ").tap();
  const [x, y] = await onScreen(page, HERE.lon, HERE.lat);
  await page.touchscreen.tap(x, y);
  await tab("Thuộc tính (1)").tap();
  await page.locator("[data-field=number]").waitFor();
  await tab("Bảng").tap();
  await page.locator(".table-bar button.outlined").tap();
  await page.locator(".draw-tools").waitFor();
  await page.evaluate(() => window.dothiDraw.run("snap"));
  const corners = [[-60, -60], [60, -60], [60, 60]];
  for (const [i, [dx, dy]] of corners.entries()) {
    await page.touchscreen.tap(x + dx, y + dy);
    await page.waitForFunction((count) => window.dothiDraw.view().open?.length === count, i + 1);
  }
  await page.touchscreen.tap(x + corners[0][0], y + corners[0][1]);
  await page.waitForFunction(() => window.dothiDraw.view().drawn?.geometry !== null && !window.dothiDraw.view().open);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  await page.locator(".studio-keep button.main").tap();
  await page.locator("[data-pending='1']").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
