// One Chromium for a test file, and pages that fail their test when the page itself reports an error.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

/** What headless Chromium needs to draw WebGL without a graphics card and to stay off the network. */
export const FLAGS = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Where the demo place is served; set by run.mjs. */
export const origin = process.env.DOTHI_WEB_ORIGIN;
/** Its database, for changes behind the server's back. */
export const databaseUrl = process.env.DOTHI_WEB_DATABASE_URL;

/** The installed Chromium. */
export function launch() {
  if (!origin) throw new Error("these tests need the demo place: run `make test-web`");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/**
 * A page whose uncaught errors and requests to other hosts are collected in `page.faults`; a test ends with
 * `assert.deepEqual(page.faults, [])`.
 */
export async function openPage(browser, path = "/", options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "vi-VN", ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    if (process.env.DOTHI_SAY) console.log(`# ${message.type()}: ${message.text()}`);
    if (message.type() === "error") page.faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== origin) page.faults.push(`outside: ${request.url()}`);
  });
  await page.goto(origin + path);
  return page;
}
