// Colours of the regulation's codes, read from the code lists that the catalog installs.
import { readFileSync } from "node:fs";

const CODES = new URL("../../src/catalog/codes/", import.meta.url);

/** One CSV line as fields; quoted fields may hold commas. */
function fields(line) {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => (m[1] ?? m[2] ?? "").replaceAll('""', '"'));
}

/** `code → colour` of one list, codes without a colour left out. */
export function coloursOf(list) {
  const found = new Map();
  for (const file of ["land_use.csv", "codes.csv"]) {
    const [head, ...lines] = readFileSync(new URL(file, CODES), "utf8").trim().split(/\r?\n/);
    const at = Object.fromEntries(fields(head).map((name, index) => [name, index]));
    for (const line of lines) {
      const row = fields(line);
      if (row[at.list] === list && row[at.colour]) found.set(row[at.code], row[at.colour]);
    }
  }
  return found;
}

function toHsl(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
  const max = Math.max(r, g, b), min = Math.min(r, g, b), d = max - min, l = (max + min) / 2;
  const s = d === 0 ? 0 : d / (1 - Math.abs(2 * l - 1));
  const h = d === 0 ? 0 : max === r ? ((g - b) / d + 6) % 6 : max === g ? (b - r) / d + 2 : (r - g) / d + 4;
  return [Math.round(h * 60), s, l];
}

/** A darker line of the same hue, readable over the fill and over paper. */
export function darker(hex) {
  const [h, s] = toHsl(hex);
  return `hsl(${h}, ${Math.round(Math.min(s, 0.45) * 100)}%, 42%)`;
}

/** A colour laid over another (paper, if none is named) with `strength` between 0 and 1, as one opaque colour: what lies below is hidden, not mixed in. */
export function laidOver(hex, strength, below = "#FBFAF7") {
  const part = (colour, i) => parseInt(colour.slice(i, i + 2), 16);
  return `#${[1, 3, 5].map((i) => Math.round(part(hex, i) * strength + part(below, i) * (1 - strength)).toString(16).padStart(2, "0")).join("")}`;
}

/** `match` over an attribute; `otherwise` is a colour or an expression. */
export function matchColour(attribute, colours, otherwise, turn = (colour) => colour) {
  const byColour = new Map();
  for (const [code, colour] of colours) {
    const turned = turn(colour);
    byColour.set(turned, [...(byColour.get(turned) ?? []), code]);
  }
  return ["match", ["get", attribute], ...[...byColour].flatMap(([colour, codes]) => [codes, colour]), otherwise];
}
