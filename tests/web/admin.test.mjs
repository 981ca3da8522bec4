// Accounts and rights in the browser: one click in the demo, a new colleague, and a second factor from QR code to recovery code.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { launch, openPage } from "./support/browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What went wrong in the page, but for refusals that the test asks for (the browser logs each 401 as an error). */
const faults = (page) => page.faults.filter((fault) => !/status of 40[13]/.test(fault));

/** The code that an app would show for this key (RFC 6238), so many half minutes from now. */
function codeOf(key, away = 0) {
  const bits = [...key.replaceAll(/\s/g, "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + away));
  const hash = createHmac("sha1", secret).update(step).digest();
  return String((hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function signIn(page, account, password) {
  await page.getByLabel("Tài khoản", { exact: true }).fill(account);
  await page.getByLabel("Mật khẩu", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
}

test("an administrator makes a colleague, who gets a second factor before anything else", async () => {
  const page = await openPage(browser, "/admin");
  await page.getByRole("button", { name: "Quản trị" }).click();
  await page.getByRole("button", { name: "Mọi người" }).click();
  await page.getByText("Thêm người").click();
  await page.getByLabel("Tài khoản (chữ thường").fill("lan");
  await page.getByLabel("Họ tên").fill("Trần Thị Lan");
  // Handed over by hand, not by mail.
  await page.getByLabel("Gửi thư mời").uncheck();
  await page.keyboard.press("Enter");
  const password = await page.locator(".once code").innerText();
  await page.getByRole("button", { name: "Đã ghi lại" }).click();

  await page.getByLabel("Tìm theo tên").fill("tran thi");
  await page.getByText("Trần Thị Lan").click();
  await page.getByRole("combobox", { name: "Vai trò" }).selectOption("signatory");
  await page.getByLabel("Chọn phường, xã").check();
  await page.getByLabel("Gõ tên hoặc mã").fill("26740");
  await page.getByRole("button", { name: /\(26740\)/ }).click();
  await page.getByRole("button", { name: "Giao", exact: true }).click();
  await page.getByRole("button", { name: "Bỏ vai trò Ký duyệt" }).waitFor();
  await page.getByRole("button", { name: "Đăng xuất" }).click();

  await signIn(page, "lan", password);
  await page.getByRole("alert").filter({ hasText: "xác thực hai lớp" }).waitFor();
  assert.equal(await page.getByText("Phiên đang mở").count(), 0, "nothing else yet");
  await page.getByLabel("Mật khẩu hiện tại").fill(password);
  await page.keyboard.press("Enter");
  const key = await page.locator(".key").innerText();
  await page.getByRole("img", { name: "Mã QR" }).waitFor();
  await page.getByLabel("Mã 6 số").fill(codeOf(key));
  await page.keyboard.press("Enter");
  await page.locator(".once code").nth(1).waitFor();
  const [recovery, another] = await page.locator(".once code").allInnerTexts();
  await page.getByRole("button", { name: "Đã ghi lại" }).click();
  await page.getByText("phiên này").waitFor();
  await page.getByRole("button", { name: "Đăng xuất" }).click();

  await signIn(page, "lan", password);
  await page.getByLabel("Mã xác thực 6 số").fill(recovery);
  await page.keyboard.press("Enter");
  await page.getByText("phiên này").waitFor();
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { name: "Open sessions" }).waitFor();
  assert.deepEqual(faults(page), []);

  // The studio's own door asks for the code in place.
  const studio = await openPage(browser, "/studio");
  await signIn(studio, "lan", password);
  await studio.getByLabel("Mã xác thực").fill(another);
  await studio.keyboard.press("Enter");
  await studio.locator(".layer-button").first().waitFor({ timeout: 30_000 });
  assert.deepEqual(faults(studio), []);
  await studio.context().close();
});

test("on a phone the page is one column and nothing hangs over the edge", async () => {
  const page = await openPage(browser, "/admin", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await page.getByRole("button", { name: "Quản trị" }).tap();
  await page.getByRole("button", { name: "Mọi người" }).tap();
  await page.getByText("demo.planner").tap();
  await page.getByRole("button", { name: "Giao", exact: true }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual(faults(page), []);
});
