import { date, number, type Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { choicesOf, type Property } from "../api";

const UNITS: Record<string, { vi: string; en: string }> = {
  storey: { vi: "tầng", en: "storeys" }, person: { vi: "người", en: "people" }, m2: { vi: "m²", en: "m²" }, m3: { vi: "m³", en: "m³" }, km2: { vi: "km²", en: "km²" }, deg: { vi: "°", en: "°" }, "VND/m2": { vi: "đồng/m²", en: "VND/m²" },
};

/** A unit as people write it. */
export const unitOf = (unit: string, lang: Lang): string => UNITS[unit]?.[lang] ?? unit;

/** A value as a person reads it: codes by their meaning, dates and numbers in the reader's way. */
export function shown(value: unknown, property: Property | undefined, lang: Lang): string {
  if (value === null || value === undefined || value === "") return "";
  const choice = property && choicesOf(property).find((one) => one.const === value);
  if (choice) return `${pick(choice["x-title"], lang)} (${String(value)})`;
  switch (property?.["x-kind"]) {
    case "int": case "float": return typeof value === "number" ? number(value, lang, 3) : String(value);
    case "bool": return value ? (lang === "vi" ? "có" : "yes") : lang === "vi" ? "không" : "no";
    case "date": case "timestamp": return date(String(value));
    default: return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}

/** The same in the narrow cell of a table: a code alone. */
export function inCell(value: unknown, property: Property | undefined, lang: Lang): string {
  if (property && choicesOf(property).length > 0) return typeof value === "string" ? (pick(choicesOf(property).find((one) => one.const === value)?.["x-title"], lang) || value) : "";
  return shown(value, property, lang);
}

/** What a person typed, as the server takes it; undefined where it is no value of this kind. */
export function typed(text: string, property: Property): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  switch (property["x-kind"]) {
    case "int": {
      const value = Number(trimmed.replace(/[.\s](?=\d{3}(\D|$))/g, ""));
      return Number.isSafeInteger(value) ? value : undefined;
    }
    case "float": {
      const value = Number(trimmed.includes(",") ? trimmed.replace(/[.\s]/g, "").replace(",", ".") : trimmed);
      return Number.isFinite(value) ? value : undefined;
    }
    case "json":
      try {
        return JSON.parse(trimmed) as unknown;
      } catch {
        return undefined;
      }
    default: return trimmed.normalize("NFC");
  }
}

/** How a value stands in a field in which it can be changed. */
export function editable(value: unknown, property: Property, lang: Lang): string {
  if (value === null || value === undefined) return "";
  if (property["x-kind"] === "float" && typeof value === "number") return lang === "vi" ? String(value).replace(".", ",") : String(value);
  if (property["x-kind"] === "timestamp") return String(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
