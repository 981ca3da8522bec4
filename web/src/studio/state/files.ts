import type { Schema } from "../api";
import type { Row } from "./work";

/** A table that spreadsheets open; a text that begins like a formula is not one. */
export function csv(rows: Row[], schema: Schema): string {
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return "";
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    const safe = typeof value === "string" && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const names = schema["x-order"];
  return `\ufeff${[["id", ...names], ...rows.map((row) => [row.id, ...names.map((name) => row.values[name])])].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** Hands a file to the browser. */
export function saveFile(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
