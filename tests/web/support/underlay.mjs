// A picture server of its own origin: plain tiles in one colour, as XYZ, WMTS and WMS, with the header that lets a page of
// another origin read them.
import { createServer } from "node:http";
import { crc32, deflateSync } from "node:zlib";

/** The colour of every pixel. */
export const COLOUR = [32, 96, 160];

function chunk(kind, body) {
  const data = Buffer.concat([Buffer.from(kind), body]);
  const out = Buffer.alloc(8 + data.length);
  out.writeUInt32BE(body.length, 0);
  data.copy(out, 4);
  out.writeUInt32BE(crc(data), 4 + data.length);
  return out;
}

/** The checksum of PNG; zlib has it from Node 22 on. */
function crc(data) {
  if (crc32) return crc32(data) >>> 0;
  let sum = ~0;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

/** A 256 by 256 PNG in one colour. */
function picture([red, green, blue]) {
  const side = 256;
  const row = Buffer.concat([Buffer.of(0), Buffer.from(Array.from({ length: side }, () => [red, green, blue]).flat())]);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** Starts it on a free port; `asked` collects the paths. */
export async function startUnderlays() {
  const png = picture(COLOUR);
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "image/png", "access-control-allow-origin": "*" });
    response.end(png);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const title = (text) => `{vi=${JSON.stringify(text)},en=${JSON.stringify(text)}}`;
  // As the administrator would write it in dothi.toml.
  const config = `[
    {name="xyz",title=${title("Ảnh XYZ")},kind="xyz",url="${origin}/xyz/{z}/{x}/{y}.png",attribution="Sở thử nghiệm"},
    {name="wmts",title=${title("Ảnh WMTS")},kind="wmts",url="${origin}/wmts/{TileMatrix}/{TileRow}/{TileCol}.png"},
    {name="wms",title=${title("Ảnh WMS")},kind="wms",url="${origin}/wms",layers="ortho"}
  ]`.replace(/\n\s*/g, "");
  return { origin, config, stop: () => server.close() };
}
