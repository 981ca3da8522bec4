// Rows leave the studio as files: what is filtered, what is selected, and private attributes only for who may.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { databaseUrl, launch, openPage } from "./support/browser.mjs";
import { DESKTOP } from "./support/portal.mjs";
import { sql } from "./support/server.mjs";

const PASSWORD = "một mật khẩu đủ dài";
const dothi = fileURLToPath(new URL("../../target/debug/dothi", import.meta.url));

let browser;
before(async () => {
  for (const [account, role] of [["thu", "planner"], ["quang", "officer"]]) {
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    execFileSync(dothi, ["user", "add", account, "--name", account, "--password-stdin"], { env, input: PASSWORD });
    execFileSync(dothi, ["user", "grant", account, role, "--units", "26740"], { env });
  }
  browser = await launch();
});
after(() => browser?.close());

/** The table of parcels, signed in by the form. */
async function parcels(account, options = {}) {
  const page = await openPage(browser, "/studio", { viewport: DESKTOP, ...options });
  await page.locator("input[name=account]").fill(account);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.locator(".sign-in button.main").click();
  await page.locator(".layer-button", { hasText: "Thửa đất" }).first().click({ timeout: 20_000 });
  await page.locator(".rows tbody tr[data-at]").first().waitFor();
  return page;
}

async function taken(page, button) {
  const coming = page.waitForEvent("download", { timeout: 40_000 });
  await page.locator(".export-menu button", { hasText: button }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

test("what is filtered, and what is selected, leaves in the legal zone", async () => {
  const page = await parcels("thu");
  await page.locator(".table-search").fill("Bến Nghé");
  // By keyboard, and back.
  await page.locator("[popovertarget=export-menu]").focus();
  await page.keyboard.press("Enter");
  await page.locator(".export-menu").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".export-menu").waitFor({ state: "hidden" });
  await page.locator("[popovertarget=export-menu]").click();
  assert.match(await page.locator(".export-menu").innerText(), /VN-2000, EPSG:9210/);
  assert.equal(await page.locator(".export-menu .check").count(), 0, "a planner looks up no persons");
  const all = await taken(page, "GeoPackage");
  assert.match(all.name, /^parcel-vn2000-9210-\d{4}-\d{2}-\d{2}\.gpkg$/);
  assert.equal(all.bytes.subarray(0, 15).toString(), "SQLite format 3");
  await page.locator(".export-menu [role=status]", { hasText: "Đã lưu parcel-vn2000" }).waitFor();
  const drawing = await taken(page, "DXF");
  assert.match(drawing.bytes.toString().slice(0, 2000), /SECTION/);
  await page.locator(".rows tbody tr[data-at]").first().click();
  await page.locator("[popovertarget=export-menu]").click();
  const one = JSON.parse((await taken(page, "GeoJSON")).bytes.toString());
  assert.equal(one.features.length, 1);
  const [east, north] = one.features[0].geometry.coordinates.flat(3);
  assert.ok(east > 400_000 && east < 700_000 && north > 1_000_000 && north < 1_400_000, `${east} ${north}`);
  const table = await taken(page, "CSV");
  assert.equal(table.bytes.toString().trim().split("\r\n").length, 2);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("private attributes leave for an officer who says why, and the log says so", async () => {
  const page = await parcels("quang");
  await page.locator(".rows tbody tr[data-at]").first().click();
  await page.locator("[popovertarget=export-menu]").click();
  await page.locator(".export-menu .check input").check();
  assert.ok(await page.locator(".export-menu button", { hasText: "GeoJSON" }).isDisabled(), "not without a purpose");
  await page.locator(".export-menu .purpose input").fill("hồ sơ 7/2026");
  const file = JSON.parse((await taken(page, "GeoJSON")).bytes.toString());
  assert.ok("certificate_number" in file.features[0].properties);
  const logged = sql(databaseUrl, "SELECT actor, reason, cardinality(objects) FROM gis_private.access_log WHERE actor = 'quang'").trim();
  assert.equal(logged, "quang|hồ sơ 7/2026|1");
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a long table leaves as CSV to its last row", async () => {
  const LONG = 20_500;
  sql(databaseUrl, `INSERT INTO gis.species (code, scientific_name, common_name) SELECT 'dai-' || n, 'Longa ' || n, 'Cây dài ' || n FROM generate_series(1, ${LONG}) n`);
  try {
    const page = await parcels("thu");
    await page.locator(".layer-button", { hasText: "Loài cây" }).click();
    await page.locator(".table-search").fill("Longa");
    await page.locator(".table-count", { hasText: "20.500" }).waitFor();
    await page.locator("[popovertarget=export-menu]").click();
    const file = await taken(page, "CSV");
    const ids = file.bytes.toString().trimEnd().split("\r\n").slice(1).map((line) => line.split(",")[0]);
    assert.equal(new Set(ids).size, LONG);
    await page.locator(".export-menu [role=status]", { hasText: "20.500 dòng" }).waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  } finally {
    sql(databaseUrl, "DELETE FROM gis.species WHERE code LIKE 'dai-%'");
  }
});
