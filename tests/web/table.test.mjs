// The attribute table of a long layer: its middle and its end are entered at once, by scroll bar and by keyboard.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { databaseUrl, launch, openPage } from "./support/browser.mjs";
import { DESKTOP, until } from "./support/portal.mjs";

const PASSWORD = "một mật khẩu đủ dài";
const dothi = fileURLToPath(new URL("../../target/debug/dothi", import.meta.url));

let browser;
before(async () => {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  execFileSync(dothi, ["user", "add", "bang", "--name", "bang", "--password-stdin"], { env, input: PASSWORD });
  execFileSync(dothi, ["user", "grant", "bang", "planner", "--units", "26740"], { env });
  browser = await launch();
});
after(() => browser?.close());

/** The table of parcels, signed in by the form, with the items that were asked for. */
async function parcels() {
  const page = await openPage(browser, "/studio", { viewport: DESKTOP });
  const asked = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/api/v1/layers/parcel/items" && !url.searchParams.has("ids")) asked.push(url.searchParams);
  });
  await page.locator("input[name=account]").fill("bang");
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.locator(".sign-in button.main").click();
  await page.locator(".layer-button", { hasText: "Thửa đất" }).first().click({ timeout: 20_000 });
  await page.locator(".rows tbody tr[data-at]").first().waitFor();
  const count = Number(await page.locator(".rows").getAttribute("aria-rowcount"));
  assert.ok(count > 2000, `${count} rows are enough to jump in`);
  return { page, asked, count };
}

/** The objects in the order of the table, one page after the other, as a reader without a scroll bar gets them. */
const walked = (page, upTo, sort) => page.evaluate(async ([upTo, sort]) => {
  const found = [];
  let cursor = null;
  while (found.length < upTo) {
    const asked = new URLSearchParams({ limit: "1000", ...(sort && { sort }), ...(cursor && { cursor }) });
    const answer = await (await fetch(`/api/v1/layers/parcel/items?${asked}`)).json();
    found.push(...answer.rows.map((row) => row.id));
    if (!(cursor = answer.next)) break;
  }
  return found;
}, [upTo, sort]);

/** The objects of the selected rows. */
const chosen = (page) => page.locator(".rows tr[aria-selected=true]").evaluateAll((rows) => rows.map((row) => row.dataset.id));

test("the scroll bar is as high as the table, and its middle is read without what lies before it", async () => {
  const { page, asked, count } = await parcels();
  const box = page.locator(".table-box");
  assert.ok(await box.evaluate((one) => one.scrollHeight) >= count * 30);
  const middle = Math.floor(count / 2);
  await box.evaluate((one, at) => { one.scrollTop = at * 30; }, middle);
  const row = page.locator(`tr[data-at="${middle + 2}"]`);
  await row.click();
  await until("it is selected", () => row.getAttribute("aria-selected"), (value) => value === "true");
  assert.deepEqual(await chosen(page), [(await walked(page, middle + 3))[middle + 2]]);
  const pages = asked.map((one) => Number(one.get("offset") ?? 0));
  assert.ok(pages.every((offset) => offset === 0 || Math.abs(offset - middle) < 500), `asked for ${pages}`);
  // Another order begins at its beginning, and has a middle of its own.
  await page.locator(".rows th button").nth(1).click();
  await until("the table is at its beginning", () => box.evaluate((one) => one.scrollTop), (at) => at === 0);
  const sort = await until("the order is asked for", async () => asked.at(-1).get("sort"), (value) => value !== null);
  await box.evaluate((one, at) => { one.scrollTop = at * 30; }, middle);
  await page.locator(`tr[data-at="${middle}"]`).waitFor();
  assert.equal(await page.locator(`tr[data-at="${middle}"]`).getAttribute("data-id"), (await walked(page, middle + 1, sort))[middle]);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("by keyboard to the end and back, and a stretch that reaches over what is not loaded is selected whole", async () => {
  const { page, count } = await parcels();
  const focused = (at) => until(`row ${at} has the focus`, () => page.evaluate(() => document.activeElement?.dataset?.at), (value) => value === String(at));
  await page.locator("tr[data-at='0']").click();
  await page.keyboard.press("End");
  await focused(count - 1);
  await page.keyboard.press("ArrowUp");
  await focused(count - 2);
  await page.keyboard.press("Home");
  await focused(0);
  await page.locator("tr[data-at='1']").click();
  await page.locator(".table-box").evaluate((one) => { one.scrollTop = 800 * 30; });
  await page.locator("tr[data-at='802']").click({ modifiers: ["Shift"] });
  await page.getByText("Chỉ 802", { exact: true }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
