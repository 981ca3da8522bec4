/**
 * Reads a corner table that was pasted from a red book, a CAD program or a sheet: X is the northing and Y the easting as
 * on Vietnamese papers, and columns the other way round are noticed. Every line that is not used is named.
 */
import { cells, isEast, isNorth, readings } from "./numbers";

export interface TableCorner {
  /** Line of the pasted text, from 1. */
  line: number;
  /** As it is written: `1`, `M2`; null when the table has none. */
  number: string | null;
  north: number;
  east: number;
  /** The stated length to the next corner, in metres, and how many decimals it was written with. */
  edge: { metres: number; decimals: number } | null;
}

export type LineRule = "unreadable" | "one_coordinate" | "out_of_range" | "other_order" | "stray_edge";
export interface LineProblem { line: number; text: string; rule: LineRule }

export interface TableRing { part: number; hole: number; corners: TableCorner[] }

export interface CornerTableRead {
  rings: TableRing[];
  /** Lines that were not used, with why. */
  problems: LineProblem[];
  /** Lines passed over because they head the table. */
  headers: number[];
  /** The table has the easting first; on paper X (north) stands first. */
  swapped: boolean;
  /** A heading says the order itself, so that nothing needs to be asked. */
  orderNamed: boolean;
}

const HEADING = /^(stt|tt|số|so|hiệu|hieu|mốc|moc|điểm|diem|đỉnh|dinh|góc|goc|tên|ten|tọa|toạ|toa|độ|do|cạnh|canh|dài|dai|chiều|chieu|khoảng|cách|ghi|chú|bảng|kê|x|y|n|e|m|s|d|l|bắc|đông|no|point|corner|north|east|northing|easting|length|edge|distance|id|#)$/i;
const SECTION = /^\W*(phần|part)\s*(\d+)(?:\W+(?:lỗ|lỗ thủng|hole)\s*(\d+))?\W*$/i;

interface Columns { eastFirst: boolean }

/** What a heading says of the order, where it names both columns. */
function orderIn(heading: string[]): Columns | null {
  const place = (pattern: RegExp) => heading.findIndex((cell) => pattern.test(cell.trim()));
  const north = place(/^x\b|bắc|north/i), east = place(/^y\b|đông|east/i);
  if (north >= 0 && east >= 0 && north !== east) return { eastFirst: east < north };
  return null;
}

type Line =
  | { kind: "blank" }
  | { kind: "heading"; order: Columns | null }
  | { kind: "section"; part: number; hole: number }
  | { kind: "edge"; edge: NonNullable<TableCorner["edge"]> }
  | { kind: "corner"; corner: TableCorner; eastFirst: boolean }
  | { kind: "refused"; rule: LineRule };

function edgeIn(texts: string[]): TableCorner["edge"] {
  for (const text of texts) {
    const metres = readings(text)[0];
    if (metres !== undefined && metres > 0 && metres < 100_000) return { metres, decimals: /[.,](\d+)\D*$/.exec(text.trim())?.[1]?.length ?? 0 };
  }
  return null;
}

function readLine(text: string, line: number): Line {
  if (text.trim() === "") return { kind: "blank" };
  const section = SECTION.exec(text);
  if (section) return { kind: "section", part: Number(section[2]) - 1, hole: Number(section[3] ?? 0) };
  const given = cells(text);
  const found = given.flatMap((cell, index): { index: number; value: number; axis: "north" | "east" }[] => {
    const values = readings(cell), north = values.find(isNorth), east = values.find(isEast);
    if (north !== undefined) return [{ index, value: north, axis: "north" }];
    return east === undefined ? [] : [{ index, value: east, axis: "east" }];
  });
  const north = found.find(({ axis }) => axis === "north"), east = found.find(({ axis }) => axis === "east");
  if (north && east) {
    const first = Math.min(north.index, east.index), last = Math.max(north.index, east.index);
    const number = given.slice(0, first).map((cell) => cell.trim()).find(Boolean) ?? null;
    const edge = edgeIn(given.slice(last + 1));
    return { kind: "corner", eastFirst: east.index < north.index, corner: { line, number, north: north.value, east: east.value, edge } };
  }
  const filled = given.filter((cell) => cell.trim() !== "");
  const numbers = filled.filter((cell) => readings(cell).length > 0);
  const words = text.match(/[\p{L}#]+/gu) ?? [];
  const isHeading = words.length > 0 && words.every((word) => HEADING.test(word)) && found.length === 0 && numbers.every((cell) => Number(cell) < 10);
  if (isHeading) return { kind: "heading", order: orderIn(filled) };
  if (found.length === 1) return { kind: "refused", rule: "one_coordinate" };
  const edge = numbers.length === 1 && words.every((word) => word.toLowerCase() === "m") ? edgeIn(numbers) : null;
  if (edge) return { kind: "edge", edge };
  return { kind: "refused", rule: numbers.filter((cell) => (readings(cell)[0] ?? 0) > 1000).length >= 2 ? "out_of_range" : "unreadable" };
}

const isSame = (a: TableCorner, b: TableCorner) => Math.hypot(a.north - b.north, a.east - b.east) < 0.001;

/** Reads pasted text; nothing is thrown, whatever it is. */
export function readTable(text: string): CornerTableRead {
  const rings: TableRing[] = [];
  const problems: LineProblem[] = [];
  const headers: number[] = [];
  const orders: { line: number; text: string; eastFirst: boolean }[] = [];
  let named: Columns | null = null;
  let ring: TableRing = { part: 0, hole: 0, corners: [] };
  const begin = (part: number, hole: number) => {
    if (ring.corners.length > 0) rings.push(ring);
    ring = { part, hole, corners: [] };
  };
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1, read = readLine(raw, line);
    switch (read.kind) {
      case "blank": break;
      case "heading": headers.push(line); named ??= read.order; break;
      case "section": begin(read.part, read.hole); break;
      case "edge": {
        const last = ring.corners[ring.corners.length - 1];
        if (last && !last.edge) last.edge = read.edge;
        else problems.push({ line, text: raw, rule: "stray_edge" });
        break;
      }
      case "corner": ring.corners.push(read.corner); orders.push({ line, text: raw, eastFirst: read.eastFirst }); break;
      case "refused": problems.push({ line, text: raw, rule: read.rule });
    }
  }
  begin(0, 0);
  for (const { corners } of rings) {
    const first = corners[0], last = corners[corners.length - 1];
    if (first && last && corners.length > 3 && isSame(first, last)) corners.pop();
  }
  const swapped = orders.filter((order) => order.eastFirst).length * 2 > orders.length;
  for (const order of orders) if (order.eastFirst !== swapped) problems.push({ line: order.line, text: order.text, rule: "other_order" });
  problems.sort((a, b) => a.line - b.line);
  return { rings, problems, headers, swapped, orderNamed: named !== null && named.eastFirst === swapped };
}
