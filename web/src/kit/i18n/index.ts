import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Said } from "../api/types";
import type { Lang } from "../format/format";
import { en } from "./en";
import { vi } from "./vi";

/** Starts the words in one language; the other lies beside it, so that the switch never waits. */
export function startWords(lang: Lang): void {
  void i18next.use(initReactI18next).init({
    lng: lang,
    fallbackLng: "vi",
    resources: { vi: { translation: vi }, en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  tellTheDocument(lang);
  i18next.on("languageChanged", (next) => tellTheDocument(next as Lang));
}

function tellTheDocument(lang: Lang): void {
  document.documentElement.lang = lang;
  document.title = i18next.t("title");
}

/** The text in the reader's language; the other one where it is missing. */
export const pick = (text: Said | null | undefined, lang: Lang): string =>
  text ? text[lang] || text.vi || text.en : "";
