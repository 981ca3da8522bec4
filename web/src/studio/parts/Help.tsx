import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

const KEYS = [["?", "help"], ["V", "click"], ["M", "box"], ["P", "polygon"], ["Shift + click", "more"], ["N", "new"], ["G E", "shape"], ["Delete", "remove"], ["Ctrl Z / Ctrl Y", "undo"], ["Ctrl Enter", "publish"], ["1 2 3", "panels"], ["/", "search"], ["Esc", "clear"], ["↑ ↓", "rows"]] as const;

/** The keys of the page in one sheet. */
export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("studio");
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="help" onClose={onClose} onClick={(event) => { if (event.target === dialog.current) dialog.current.close(); }}>
      <h2>{t("help.title")}</h2>
      <dl>{KEYS.filter(([, what]) => what !== "shape").map(([key, what]) => <div key={what}><dt><kbd>{key}</kbd></dt><dd>{t(`help.${what}`)}</dd></div>)}</dl>
      <p className="quiet">{t("help.drawing")}</p>
      <button type="button" className="button" onClick={() => dialog.current?.close()}>{t("help.close")}</button>
    </dialog>
  );
}
