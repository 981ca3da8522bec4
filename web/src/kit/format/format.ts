/** Vietnamese dates and numbers; English beside them. */
export type Lang = "vi" | "en";

const LOCALE: Record<Lang, string> = { vi: "vi-VN", en: "en-GB" };

/** `1.234,5` in Vietnamese, `1,234.5` in English; at most `digits` after the mark. */
export function number(value: number, lang: Lang, digits = 1): string {
  return new Intl.NumberFormat(LOCALE[lang], { maximumFractionDigits: digits, useGrouping: true }).format(value);
}

/** An area on the ground in m². */
export const area = (m2: number, lang: Lang): string => `${number(m2, lang, m2 < 10_000 ? 1 : 0)} m²`;

/** A share of one, as a percentage. */
export const share = (part: number, lang: Lang): string => `${number(part * 100, lang, part < 0.1 ? 1 : 0)} %`;

/** A distance in metres; kilometres from 1,000 m. */
export const distance = (metres: number, lang: Lang): string =>
  metres < 1000 ? `${number(metres, lang, metres < 10 ? 1 : 0)} m` : `${number(metres / 1000, lang, 1)} km`;

/** `2024-03-12` (or a timestamp that begins so) as `12/03/2024`; anything else as it is. */
export function date(iso: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  return match ? `${match[3]}/${match[2]}/${match[1]}` : iso;
}

/** Latitude and longitude with five places (about one metre). */
export const latLon = (lat: number, lon: number): string => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;

/** Compares words as Vietnamese does: Đ after D. */
export const inOrder = new Intl.Collator("vi").compare;

/** A moment in the reader's own time: `16:30 23/11/2026`, in English the day first. */
export function moment(iso: string, lang: Lang): string {
  const [day = "", time = ""] = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(iso)).split(", ");
  return lang === "vi" ? `${time} ${day}` : `${day}, ${time}`;
}
