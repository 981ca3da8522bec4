import type { Schema } from "../api";
import type { Row } from "./work";

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  // A text that begins like a formula is not one.
  const safe = typeof value === "string" && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const line = (values: unknown[]): string => `${values.map(cell).join(",")}\r\n`;

/** The first line of a table that spreadsheets open, with the mark by which they know its letters. */
export const csvHead = (schema: Schema): string => `\ufeff${line(["id", ...schema["x-order"]])}`;

/** Rows of that table, some at a time: a long one is never held as objects. */
export const csvLines = (rows: Pick<Row, "id" | "values">[], schema: Schema): string =>
  rows.map((row) => line([row.id, ...schema["x-order"].map((name) => row.values[name])])).join("");

/** Hands a file to the browser. */
export function saveFile(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
