// A running `dothi demo` on a free port and a database of its own.
import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const dothi = `${repository}target/debug/dothi`;

/** Runs statements with psql, as somebody in a shell would, and returns what it printed. */
export function sql(databaseUrl, statements) {
  return execFileSync("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", databaseUrl, "-c", statements], { encoding: "utf8" });
}

/** Starts the demo place and waits until all of it is in. */
export async function startDemo({ place } = {}) {
  const server = process.env.DOTHI_TEST_DATABASE_URL;
  if (!server) throw new Error("these tests need a database: run `make test-web`");
  const name = `web_${process.pid}`;
  sql(server, `CREATE DATABASE ${name}`);
  const databaseUrl = server.replace(/\/[^/]*$/, `/${name}`);
  const child = spawn(dothi, ["demo", "--no-open", ...(place ? ["--place", place] : [])], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DATABASE_URL: databaseUrl, DOTHI_LISTEN: "127.0.0.1:0", DOTHI_LOG: "warn", LC_ALL: "en_US.UTF-8" },
  });
  const ended = new Promise((done) => child.on("exit", done));
  const origin = await addressOnceComplete(child, ended);
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { origin, databaseUrl, stop };
}

/** The demo says its address when units and parcels are in, and "complete" when everything is. */
function addressOnceComplete(child, ended) {
  return new Promise((done, failed) => {
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (/^dothi: demo incomplete/m.test(said)) failed(new Error(said));
      if (origin && /^dothi: demo complete/m.test(said)) done(origin);
    });
    void ended.then((status) => failed(new Error(`dothi demo ended with ${status} and said:\n${said}`)));
  });
}
