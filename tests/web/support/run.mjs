// Starts the demo place once, runs every browser test against it, and stops it again.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startPost } from "./post.mjs";
import { startDemo } from "./server.mjs";
import { startUnderlays } from "./underlay.mjs";

const folder = fileURLToPath(new URL("..", import.meta.url));
const asked = process.argv.slice(2);
const files = asked.length > 0 ? asked : readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).map((name) => folder + name);

const underlays = await startUnderlays();
process.env.DOTHI_UNDERLAYS = underlays.config;
const post = await startPost();
Object.assign(process.env, post.settings);
// What the server keeps in files is nobody else's.
process.env.DOTHI_DATA_DIR = mkdtempSync(join(tmpdir(), "dothi-web-"));
const demo = await startDemo();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void demo.stop().then(() => process.exit(1)));
const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", ...files], {
  stdio: "inherit",
  env: { ...process.env, DOTHI_WEB_ORIGIN: demo.origin, DOTHI_WEB_DATABASE_URL: demo.databaseUrl, DOTHI_WEB_LETTERS: post.folder },
});
const code = await new Promise((done) => tests.on("exit", (status) => done(status ?? 1)));
await demo.stop();
underlays.stop();
post.stop();
rmSync(process.env.DOTHI_DATA_DIR, { recursive: true, force: true });
process.exit(code);
