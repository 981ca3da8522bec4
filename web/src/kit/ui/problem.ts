import type { TFunction } from "i18next";
import { Problem } from "../api/client";
import type { Lang } from "../format/format";
import { pick } from "../i18n";

/** What a person reads when an answer did not come: what happened, and what to do. */
export function problemWords(cause: unknown, lang: Lang, t: TFunction): { title: string; hint: string } {
  if (cause instanceof Problem && cause.kind === "refused" && cause.title) {
    return { title: pick(cause.title, lang), hint: cause.detail ? pick(cause.detail, lang) : t("problem.refusedHint") };
  }
  const kind = cause instanceof Problem ? cause.kind : "refused";
  return { title: t(`problem.${kind}`), hint: t(`problem.${kind}Hint`) };
}
