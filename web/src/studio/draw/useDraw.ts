import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Lang } from "../../kit/format/format";
import type { DrawController } from "./controller";
import type { View } from "./view";
import { addDrawWords } from "./words";

/** What the hand is doing, kept fresh. */
export function useDraw(controller: DrawController): View {
  return useSyncExternalStore(controller.subscribe, controller.view);
}

/** Words of drawing and the reader's language. */
export function useDrawWords() {
  addDrawWords();
  const { t, i18n } = useTranslation("draw");
  return { t, lang: (i18n.language === "en" ? "en" : "vi") as Lang };
}
