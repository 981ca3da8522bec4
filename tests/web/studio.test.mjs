import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { databaseUrl, launch, openPage } from "./support/browser.mjs";
import { DESKTOP, drawn, until } from "./support/portal.mjs";
import { sql } from "./support/server.mjs";

const PASSWORD = "một mật khẩu đủ dài";
const dothi = fileURLToPath(new URL("../../target/debug/dothi", import.meta.url));

let browser;
before(async () => {
  for (const account of ["hue", "minh"]) {
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    execFileSync(dothi, ["user", "add", account, "--name", account, "--password-stdin"], { env, input: PASSWORD });
    execFileSync(dothi, ["user", "grant", account, "planner", "--units", "26740"], { env });
  }
  browser = await launch();
});
after(() => browser?.close());

/** A zone of the ward that nobody else in these tests touches. */
function zone(number) {
  const row = sql(databaseUrl, `SELECT z.id, z.zone_code, coalesce(z.storeys_max, 0) FROM gis.planning_zone z JOIN gis.admin_unit u
    ON u.code = '26740' AND ST_Within(z.geom, u.geom) WHERE z.validity @> current_date AND z.storeys_max > 2
      AND NOT EXISTS (SELECT FROM gis.planning_zone o WHERE o.id <> z.id AND o.zone_code LIKE '%' || z.zone_code || '%')
    ORDER BY z.zone_code LIMIT 1 OFFSET ${number}`).trim();
  const [id, code, storeys] = row.split("|");
  return { id, code, storeys: Number(storeys) };
}

const storeysOf = (id) => Number(sql(databaseUrl, `SELECT storeys_max FROM gis.planning_zone WHERE id = '${id}' AND validity @> current_date`).trim());

/** Signs in by the form. */
async function studio(account) {
  const page = await openPage(browser, "/studio", { viewport: DESKTOP });
  await page.locator("input[name=account]").fill(account);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.locator(".sign-in button.main").click();
  await page.locator(".layer-button").first().waitFor({ timeout: 20_000 });
  return page;
}

/** Opens a zone by its code in the table. */
async function openZone(page, code) {
  await page.locator(".layer-button", { hasText: "Ô chức năng quy hoạch" }).click();
  await page.locator(".table-search").fill(code);
  await page.locator(".rows tbody tr", { hasText: code }).first().click();
  await page.locator("[data-field=storeys_max]").waitFor();
}

async function setStoreys(page, storeys) {
  await page.locator("[data-field=storeys_max]").fill(String(storeys));
  await page.locator("[data-field=storeys_max]").press("Enter");
  await page.locator(".field[data-name=storeys_max][data-changed=true]").waitFor();
}

async function publish(page, reason) {
  await page.locator(".studio-top [data-pending]").click();
  await page.locator("#reason").fill(reason);
  await page.locator(".work-send button.main").click();
}

const expected = (page, ...patterns) => page.faults.filter((fault) => !patterns.some((pattern) => pattern.test(fault)));
/** The browser itself reports a refused request. */
const REFUSED = /status of (401|404|409)/;

test("a planner changes a zone, gives a reason, and a second browser sees it without a reload", async () => {
  const { id, code, storeys } = zone(0);
  const [hue, minh] = [await studio("hue"), await studio("minh")];
  await openZone(hue, code);
  await openZone(minh, code);
  await drawn(minh);
  await setStoreys(hue, storeys + 3);
  await publish(hue, "điều chỉnh tầng cao");
  await hue.getByText(/Đã công bố 1 thay đổi/).waitFor();
  await until("the other form follows", () => minh.locator("[data-field=storeys_max]").inputValue(), (value) => value === String(storeys + 3));
  assert.equal(storeysOf(id), storeys + 3);
  assert.deepEqual(expected(hue, REFUSED), []);
  assert.deepEqual(expected(minh, REFUSED), []);
  await hue.context().close();
  await minh.context().close();
});

test("two planners on one zone: nothing is overwritten silently, and the second decides", async () => {
  const { id, code, storeys } = zone(1);
  const [hue, minh] = [await studio("hue"), await studio("minh")];
  await openZone(hue, code);
  await openZone(minh, code);
  await setStoreys(minh, storeys + 1);
  await setStoreys(hue, storeys + 5);
  await publish(hue, "theo đồ án mới");
  await hue.getByText(/Đã công bố 1 thay đổi/).waitFor();
  await publish(minh, "theo ý kiến phường");
  const conflict = minh.locator("section.conflict");
  await conflict.waitFor();
  assert.match(await conflict.innerText(), /hue đã sửa lúc/);
  assert.equal(storeysOf(id), storeys + 5, "nothing is overwritten");
  await conflict.getByText("Giữ bản của tôi").click();
  await minh.locator("#reason").fill("đã hỏi chị Lan");
  await minh.locator(".work-send button.main").click();
  await minh.getByText(/Đã công bố 1 thay đổi/).waitFor();
  assert.equal(storeysOf(id), storeys + 1);
  assert.deepEqual(expected(minh, REFUSED), []);
  await hue.context().close();
  await minh.context().close();
});

test("what is not published survives a reload and an ended session, and can still be undone", async () => {
  const { id, code, storeys } = zone(2);
  const page = await studio("hue");
  await openZone(page, code);
  await setStoreys(page, storeys + 2);
  await page.reload();
  await page.locator(".studio-top").locator("[data-pending='1']").waitFor({ timeout: 20_000 });
  sql(databaseUrl, "DELETE FROM identity.session");
  await page.locator(".studio-top [data-pending]").click();
  await page.locator(".work-send button", { hasText: "Kiểm tra" }).click();
  await page.getByText("Phiên làm việc đã hết").waitFor();
  await page.locator(".door.over input[name=password]").fill(PASSWORD);
  await page.locator(".door.over button.main").click();
  await page.getByText("Phiên làm việc đã hết").waitFor({ state: "detached" });
  await page.locator(".work-send button", { hasText: "Kiểm tra" }).click();
  await page.getByText(/Đạt: công bố được/).waitFor();
  await page.locator(".studio-top button[aria-label='Hoàn tác']").click();
  await page.locator(".studio-top").locator("[data-pending='0']").waitFor();
  assert.equal(storeysOf(id), storeys, "nothing was written");
  assert.deepEqual(expected(page, REFUSED), []);
  await page.context().close();
});
