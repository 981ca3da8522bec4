import i18next from "i18next";
import { en } from "./words.en";
import { vi } from "./words.vi";

/** The studio's words come with its code. */
export function addWords(): void {
  i18next.addResourceBundle("vi", "studio", vi, true, true);
  i18next.addResourceBundle("en", "studio", en, true, true);
}
