// Says what a first visit loads: the page, and the map code that travels beside it.
import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const dist = new URL("../dist/assets/", import.meta.url);
const packed = /\.woff2$/;
for (const name of readdirSync(dist, { recursive: true }).filter((one) => /\.\w+$/.test(one)).sort()) {
  const bytes = readFileSync(new URL(name, dist));
  const kb = (count) => `${(count / 1024).toFixed(1)} KB`.padStart(11);
  const squeezed = packed.test(name) ? bytes.length : gzipSync(bytes, { level: 9 }).length;
  console.log(kb(bytes.length), "gzip", kb(squeezed), "brotli", kb(packed.test(name) ? bytes.length : brotliCompressSync(bytes).length), " ", name);
}
