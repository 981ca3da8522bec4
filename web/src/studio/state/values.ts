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

/**
 * A number as the page writes it in this language: 1234,5 stands there as `1.234,5` or `1,234.5`, and so it is read. The other
 * sign is taken for the decimals only where it cannot group thousands.
 */
function numberOf(text: string, lang: Lang): number {
  const bare = text.replace(/[\s\u00a0\u202f]/g, "");
  const [group, point] = lang === "vi" ? [".", ","] : [",", "."];
  const [whole = "", ...decimals] = bare.split(point);
  if (decimals.length > 1) return NaN;
  const grouped = /^[+-]?\d{1,3}([.,]\d{3})+$/.test(whole);
  if (whole.includes(group) && !grouped) {
    const isDecimal = decimals.length === 0 && whole.split(group).length === 2;
    return isDecimal ? Number(whole.replace(group, ".")) : NaN;
  }
  return Number(whole.replaceAll(group, "") + (decimals.length > 0 ? `.${decimals[0]}` : ""));
}

/** What a person typed, as the server takes it; undefined where it is no value of this kind. */
export function typed(text: string, property: Property, lang: Lang): unknown {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  switch (property["x-kind"]) {
    case "int": {
      const value = numberOf(trimmed, lang);
      return Number.isSafeInteger(value) ? value : undefined;
    }
    case "float": {
      const value = numberOf(trimmed, lang);
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
