// A mail server that catches what it is given: as much SMTP as the tests need (RFC 5321, 4.1). Letters lie in a folder, since the
// tests run in processes of their own.
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Opens it on a free port; `settings` is what an operator sets, as variables. */
export async function startPost() {
  const folder = mkdtempSync(join(tmpdir(), "dothi-letters-"));
  let count = 0;
  const server = createServer((caller) => {
    let pending = "", letter = null, to = "";
    const say = (line) => caller.write(`${line}\r\n`);
    const hear = (line) => {
      if (letter !== null) {
        if (line !== ".") return void letter.push(line.replace(/^\.\./, "."));
        // Written beside and moved, so that nobody reads half a letter.
        const name = String(count++).padStart(6, "0"), half = join(folder, `.${name}`);
        writeFileSync(half, JSON.stringify({ to, raw: letter.join("\r\n") }));
        renameSync(half, join(folder, name));
        letter = null;
        return say("250 taken");
      }
      if (/^RCPT TO:/i.test(line)) to = /<(.*)>/.exec(line)?.[1] ?? "";
      if (/^DATA/i.test(line)) {
        letter = [];
        return say("354 go on");
      }
      say(/^QUIT/i.test(line) ? "221 bye" : "250 yes");
    };
    caller.setEncoding("utf8");
    caller.on("error", () => undefined);
    caller.on("data", (text) => {
      pending += text;
      for (let end = pending.indexOf("\r\n"); end >= 0; end = pending.indexOf("\r\n")) {
        hear(pending.slice(0, end));
        pending = pending.slice(end + 2);
      }
    });
    say("220 letters");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const settings = {
    DOTHI_MAIL__HOST: "127.0.0.1", DOTHI_MAIL__PORT: String(server.address().port), DOTHI_MAIL__TLS: "none",
    DOTHI_MAIL__SENDER: "Bản đồ đô thị <map@city.example>", DOTHI_MAIL__SITE: "https://map.example/",
  };
  const stop = () => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, settings, stop };
}

/** The text of a letter, whichever way it was wrapped. */
function textOf(raw) {
  const plain = raw.split(/\r\n--[^\r\n]*\r\n/).find((part) => /content-type: text\/plain/i.test(part)) ?? raw;
  const body = plain.slice(plain.indexOf("\r\n\r\n") + 4);
  if (/content-transfer-encoding: base64/i.test(plain)) return Buffer.from(body, "base64").toString("utf8");
  if (!/content-transfer-encoding: quoted-printable/i.test(plain)) return body;
  const bytes = body.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** The letters that one address got so far, the oldest first. */
export function lettersTo(address, folder = process.env.DOTHI_WEB_LETTERS) {
  return readdirSync(folder).filter((name) => !name.startsWith(".")).sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")))
    .filter(({ to }) => to === address).map(({ raw }) => textOf(raw));
}
