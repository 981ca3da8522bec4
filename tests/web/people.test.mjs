// What administrators and officers do with people: an invitation by mail, a forgotten password, who has rights in a plot, the log of
// that, and the review of accounts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { databaseUrl, launch, openPage, origin } from "./support/browser.mjs";
import { account } from "./support/people.mjs";
import { aPlot, DESKTOP, drawn, until } from "./support/portal.mjs";
import { lettersTo } from "./support/post.mjs";
import { sql } from "./support/server.mjs";

let browser, plot;
before(async () => {
  browser = await launch();
  plot = await aPlot(origin);
});
after(() => browser?.close());

/** What went wrong in the page, but for refusals before signing in, which the browser logs. */
const faults = (page) => page.faults.filter((fault) => !/status of 401/.test(fault));

/** The newest letter's link, as a path of this server. */
async function linkFor(address, nth) {
  const letters = await until("the letter is there", () => lettersTo(address), (found) => found.length >= nth, 20_000);
  const [, path] = /https:\/\/map\.example(\/\S*#link=[0-9a-f]{64})/.exec(letters[nth - 1]) ?? [];
  assert.ok(path, letters[nth - 1]);
  return path;
}

async function choosePassword(page, path, password) {
  await page.goto("about:blank");
  await page.goto(origin + path);
  await page.getByRole("heading", { name: "Đặt mật khẩu" }).waitFor();
  await page.keyboard.type(password);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByText("Đã đặt mật khẩu. Hãy đăng nhập.").waitFor();
  assert.doesNotMatch(page.url(), /#/, "the link stays in no history");
}

async function signIn(page, name, password) {
  await page.locator("input[name=account]").fill(name);
  await page.locator("input[name=password]").fill(password);
  await page.keyboard.press("Enter");
}

async function asAdministrator(path = "/admin", options = { viewport: DESKTOP }) {
  const page = await openPage(browser, path, options);
  await page.getByRole("button", { name: "Quản trị" }).click();
  return page;
}

test("an invitation goes out by mail, the page for administrators says so, and its link leads to a password and in", async () => {
  const admin = await asAdministrator();
  await admin.getByRole("button", { name: "Mọi người" }).click();
  await admin.getByText("Thêm người").click();
  await admin.getByLabel("Tài khoản (chữ thường").fill("mo");
  await admin.getByLabel("Họ tên").fill("Đỗ Thị Mơ");
  await admin.getByLabel("Địa chỉ thư công vụ").first().fill("mo@phuong.example");
  await admin.keyboard.press("Enter");
  await admin.getByText("Thư cho mo đang chờ gửi; xem ở mục Thư.").waitFor();
  assert.equal(await admin.locator(".once").count(), 0, "nobody else learns a password");
  await admin.getByRole("button", { name: "Thư", exact: true }).click();
  const mail = admin.locator("li", { hasText: "Đỗ Thị Mơ" });
  await mail.getByText("Đã gửi").waitFor({ timeout: 20_000 });
  assert.match(await mail.innerText(), /thư mời.*mo@phuong\.example/s);
  assert.deepEqual(faults(admin), []);
  await admin.context().close();

  const page = await openPage(browser, "/signin");
  await choosePassword(page, await linkFor("mo@phuong.example", 1), "một mật khẩu đủ dài");
  await signIn(page, "mo", "một mật khẩu đủ dài");
  await page.getByText("Khi quản trị viên đã giao vai trò").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0, "who has no role yet is not met with refusals");
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test("whoever forgot a password gets from the page for signing in by mail to a new one; the old one is gone", async () => {
  const quen = account("quen", "planner");
  sql(databaseUrl, "UPDATE identity.person SET mail = 'quen@phuong.example' WHERE account = 'quen'");
  const page = await openPage(browser, "/signin");
  await page.getByRole("button", { name: "Quên mật khẩu?" }).click();
  await page.keyboard.type("quen@phuong.example");
  await page.keyboard.press("Enter");
  await page.getByText("Nếu địa chỉ thuộc một tài khoản đang mở").waitFor();
  await choosePassword(page, await linkFor("quen@phuong.example", 1), "mật khẩu mới cũng dài");
  await signIn(page, quen.name, quen.password);
  await page.getByRole("alert").waitFor();
  await signIn(page, quen.name, "mật khẩu mới cũng dài");
  await page.getByText("phiên này").waitFor();
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test("who has rights in a plot is told for a purpose, and the log says who asked and why, but not who was found", async () => {
  sql(databaseUrl, `WITH who AS (INSERT INTO gis_private.party (kind, name, id_number, phone, purpose, retain_until)
      VALUES ('person', 'Nguyễn Văn An', '079123456789', '0901234567', 'đất đai', '2040-01-01') RETURNING id)
    INSERT INTO gis_private.party_parcel (party, parcel, relation, share_numerator, share_denominator, certificate_number, validity)
    SELECT id, '${plot.id}', 'right', 1, 2, 'CS 01234', daterange('2020-01-01', NULL) FROM who`);
  const studio = await openPage(browser, `/studio#19/${plot.lat}/${plot.lon}`, { viewport: DESKTOP });
  await studio.locator(".try-as button", { hasText: "Thụ lý" }).click();
  await studio.waitForFunction(() => window.dothiMap, null, { timeout: 30_000 });
  await drawn(studio);
  await studio.locator(".layer-button", { hasText: "Thửa đất" }).first().click();
  const [x, y] = await studio.evaluate(({ lon, lat }) => {
    const { left, top } = window.dothiMap.inner.getCanvas().getBoundingClientRect(), at = window.dothiMap.inner.project([lon, lat]);
    return [left + at.x, top + at.y];
  }, plot);
  await studio.mouse.click(x, y);
  const button = studio.getByRole("button", { name: "Chủ sử dụng" });
  await button.focus();
  await studio.keyboard.press("Enter");
  await studio.getByLabel("Cần thông tin để làm gì").waitFor();
  assert.equal(await studio.getByText("Nguyễn Văn An").count(), 0, "nothing before it is said why");
  await studio.keyboard.type("Hồ sơ GP-2026-77");
  await studio.keyboard.press("Enter");
  const holder = studio.locator(".studio-right li", { hasText: "Nguyễn Văn An" });
  await holder.waitFor();
  assert.match(await holder.innerText(), /cá nhân.*phần 1\/2.*CS 01234/s);
  assert.deepEqual(faults(studio), []);
  await studio.context().close();

  const admin = await asAdministrator();
  await admin.getByRole("button", { name: "Nhật ký" }).click();
  const line = admin.locator("li", { hasText: "GP-2026-77" });
  await line.waitFor();
  // The commune by its name, once that has come.
  await until("the line is whole", () => line.innerText(), (text) => /demo\.officer.*tờ 12 thửa 345 \(Phường Sài Gòn\)/s.test(text));
  assert.equal(await admin.getByText("Nguyễn Văn An").count(), 0, "reading the log is no look-up");
  assert.deepEqual(faults(admin), []);
  await admin.context().close();
});

test("an administrator says that accounts were looked through, by keyboard and twice asked, and the day stands there", async () => {
  const admin = await asAdministrator();
  await admin.getByRole("button", { name: "Mọi người" }).click();
  await admin.getByText("chưa được rà soát lần nào").waitFor();
  await admin.getByRole("button", { name: "Tôi đã rà soát" }).focus();
  await admin.keyboard.press("Enter");
  await admin.getByRole("button", { name: "Chắc chắn?" }).waitFor();
  await admin.keyboard.press("Enter");
  await admin.getByText(/Rà soát lần cuối:.*demo\.administrator.*Lần tới trước/).waitFor();
  await admin.getByRole("button", { name: "English" }).click();
  await admin.getByText(/Last looked through on .*Next before/).waitFor();
  assert.deepEqual(faults(admin), []);
  await admin.context().close();
});
