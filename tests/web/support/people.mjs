// Accounts for browser tests, made as an administrator makes them: in the shell.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { databaseUrl } from "./browser.mjs";

const dothi = fileURLToPath(new URL("../../../target/debug/dothi", import.meta.url));
const PASSWORD = "mot hai ba bon nam sau";

function shell(words, input = "") {
  execFileSync(dothi, ["user", ...words], { input, encoding: "utf8", env: { ...process.env, DATABASE_URL: databaseUrl }, stdio: ["pipe", "pipe", "pipe"] });
}

/** An account with one role everywhere. */
export function account(name, role) {
  shell(["add", name, "--name", name, "--password-stdin"], `${PASSWORD}\n`);
  shell(["grant", name, role]);
  return { name, password: PASSWORD };
}

/** Signs in at the door of the page that is open. */
export async function signIn(page, { name, password }) {
  await page.fill("input[name=account]", name);
  await page.fill("input[name=password]", password);
  await page.locator("form.sign-in button.main").click();
}
