import type { Catalog } from "../../kit/api/types";
import type { Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";

/** What a code means, in words; a code that no list knows stays as it is. */
export function codeWords(catalog: Catalog | null, list: string, code: string | null | undefined, lang: Lang): string {
  if (!code) return "";
  const entry = catalog?.code_lists[list]?.find((other) => other.code === code);
  return entry ? pick(entry.title, lang) : code;
}

/** An attribute's value as a person reads it, through the code list that its layer names. */
export function attributeWords(catalog: Catalog | null, layer: string, name: string, value: unknown, lang: Lang): string {
  if (value === null || value === undefined || value === "") return "";
  const attribute = catalog?.layers.find((other) => other.name === layer)?.attributes.find((other) => other.name === name);
  if (attribute?.code_list) return codeWords(catalog, attribute.code_list, String(value), lang);
  return String(value);
}
