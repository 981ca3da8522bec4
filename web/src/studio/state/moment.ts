import type { Lang } from "../../kit/format/format";

/** A moment as people of the place say it. */
export const moment = (iso: string, lang: Lang): string =>
  new Intl.DateTimeFormat(lang === "vi" ? "vi-VN" : "en-GB", { dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
