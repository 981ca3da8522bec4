// A picture server of its own origin, as XYZ, WMTS and WMS, with the header that lets a page of another origin read it. What it
// shows has a place: four colours meet in one point of the ground.
import { createServer } from "node:http";
import { crc32, deflateSync } from "node:zlib";

/** Where the colours meet. */
export const MEET = { lon: 106.6966, lat: 10.7785 };
/** Their quarters of the world. */
export const COLOURS = { northWest: [200, 40, 40], northEast: [40, 160, 60], southWest: [40, 80, 200], southEast: [220, 200, 40] };
/** Half the width of the web's map, in its metres. */
const HALF = 20037508.342789244;
const meet = [(MEET.lon / 180) * HALF, (Math.asinh(Math.tan((MEET.lat * Math.PI) / 180)) / Math.PI) * HALF];

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

/** A PNG of a box of the web's metres. */
function picture([west, south, east, north], side) {
  const column = ((meet[0] - west) / (east - west)) * side, row = ((north - meet[1]) / (north - south)) * side;
  const line = (left, right) => Buffer.concat([Buffer.of(0), Buffer.from(Array.from({ length: side }, (_, at) => (at + 0.5 < column ? left : right)).flat())]);
  const above = line(COLOURS.northWest, COLOURS.northEast), below = line(COLOURS.southWest, COLOURS.southEast);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, (_, at) => (at + 0.5 < row ? above : below))));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** The box of a tile. */
function tile(z, x, y) {
  const size = (2 * HALF) / 2 ** z;
  return [x * size - HALF, HALF - (y + 1) * size, (x + 1) * size - HALF, HALF - y * size];
}

/** What a service was asked for; nothing where a real one would refuse. */
function asked(address) {
  const { pathname, searchParams } = new URL(address, "http://pictures");
  const [, kind, ...rest] = pathname.replace(/\.png$/, "").split("/");
  const [z, second, third] = rest.map(Number);
  if (kind === "xyz") return { box: tile(z, second, third), side: 256 };
  if (kind === "wmts") return { box: tile(z, third, second), side: 256 };
  const is = (name, value) => searchParams.get(name) === value;
  const isKnown = is("SERVICE", "WMS") && is("VERSION", "1.1.1") && is("REQUEST", "GetMap") && is("SRS", "EPSG:3857") && is("LAYERS", "ortho") && is("FORMAT", "image/png");
  const box = (searchParams.get("BBOX") ?? "").split(",").map(Number), side = Number(searchParams.get("WIDTH"));
  return kind === "wms" && isKnown && box.length === 4 && is("HEIGHT", String(side)) ? { box, side } : null;
}

/** Starts it on a free port. */
export async function startUnderlays() {
  const server = createServer((request, response) => {
    const what = asked(request.url);
    response.writeHead(what ? 200 : 400, { "content-type": "image/png", "access-control-allow-origin": "*" });
    response.end(what ? picture(what.box, what.side) : undefined);
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
