import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { DRAW_KEYS, type DrawCommand } from "../draw";
import { useDrawWords } from "../draw/useDraw";

const KEYS = [["?", "help"], ["V", "click"], ["M", "box"], ["P", "polygon"], ["Shift + click", "more"], ["N", "new"], ["Delete", "remove"], ["Ctrl Z / Ctrl Y", "undo"], ["Ctrl Enter", "publish"], ["1 2 3", "panels"], ["/", "search"], ["Esc", "clear"], ["↑ ↓", "rows"]] as const;
const DRAWING = ["draw", "edit", "hole", "offset", "snap", "trace", "square", "type", "table", "finish", "cancel", "next", "previous", "removeCorner", "removePart"] as const;
const commandOf = (word: (typeof DRAWING)[number]): DrawCommand => (word === "removeCorner" ? "remove" : word === "removePart" ? "removePath" : word);

/** The keys of the page in one sheet, those of drawing among them. */
export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("studio");
  const { t: draw } = useDrawWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="help" onClose={onClose} onClick={(event) => { if (event.target === dialog.current) dialog.current.close(); }}>
      <h2>{t("help.title")}</h2>
      <div className="help-pages">
        <dl>{KEYS.map(([key, what]) => <div key={what}><dt><kbd>{key}</kbd></dt><dd>{t(`help.${what}`)}</dd></div>)}</dl>
        <section>
          <h3>{t("help.drawing")}</h3>
          <dl>
            {DRAWING.map((what) => <div key={what}><dt><kbd>{DRAW_KEYS[commandOf(what)]}</kbd></dt><dd>{draw(`tools.${what}`)}</dd></div>)}
            <div><dt><kbd>← ↑ → ↓</kbd></dt><dd>{draw("tools.nudge")}</dd></div>
          </dl>
        </section>
      </div>
      <button type="button" className="button" onClick={() => dialog.current?.close()}>{t("help.close")}</button>
    </dialog>
  );
}
