import { IconDownload } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { number } from "../../kit/format/format";
import { problemWords } from "../../kit/ui/problem";
import { type Asked, type Items, Refusal, type Schema, studioApi, type Table } from "../api";
import { csvHead, csvLines, saveFile } from "../state/files";
import { readRows } from "../state/useSelected";
import { useStudio } from "../StudioContext";
import { type Format, formatsOf, orderOf, write } from "./request";
import "./words";
import "./export.css";

/** Rows that the page reads at a time for a table that it writes itself. */
const AT_ONCE = 1000;

type State = { is: "idle" } | { is: "busy"; read: number | null } | { is: "saved"; name: string; rows: number } | { is: "failed"; cause: unknown };

/** The selected objects, else the rows as filtered, as a file. */
export function ExportMenu({ table, schema, asked, count }: { table: Table; schema: Schema; asked: Asked; count: number | null }) {
  const { t } = useTranslation("export");
  const { t: kit } = useTranslation();
  const { lang, chosen, me } = useStudio();
  const button = useRef<HTMLButtonElement>(null), menu = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<State>({ is: "idle" });
  const [isPrivate, setPrivate] = useState(false);
  const [purpose, setPurpose] = useState("");
  const mayPrivate = table.private_attributes === true && me.rights.some((right) => right.action === "look_up_person");
  const withPrivate = mayPrivate && isPrivate;
  const busy = state.is === "busy", unready = busy || (withPrivate && purpose.trim() === "");

  // Above all else on the page, because the table cuts off what leaves it: where the button is.
  const beside = () => {
    if (!button.current || !menu.current) return;
    const { left, right, top, bottom } = button.current.getBoundingClientRect(), { style } = menu.current;
    const isLow = top > innerHeight / 2;
    Object.assign(style, isLow ? { top: "auto", bottom: `${innerHeight - top + 4}px` } : { top: `${bottom + 4}px`, bottom: "auto" });
    style.maxHeight = `${(isLow ? top : innerHeight - bottom) - 12}px`;
    const width = Math.min(300, innerWidth - 16);
    style.left = `${left + width > innerWidth - 8 ? Math.max(8, right - width) : left}px`;
  };
  // Escape means much to the map; here it closes the menu and nothing else.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !menu.current?.matches(":popover-open")) return;
    event.stopPropagation();
    menu.current.hidePopover();
    button.current?.focus();
  };
  const done = async (work: () => Promise<{ name: string; rows: number }>) => {
    setState({ is: "busy", read: null });
    try {
      setState({ is: "saved", ...(await work()) });
    } catch (cause) {
      setState({ is: "failed", cause });
    }
  };
  const take = (format: Format) => done(async () => {
    const file = await write(table.name, orderOf(format, chosen, asked, withPrivate ? purpose.trim() : null));
    saveFile(file.name, file.blob);
    return file;
  });
  const takeCsv = () => done(async () => {
    const parts = [csvHead(schema)];
    let rows = 0;
    if (chosen.length > 0) {
      const found = await readRows(table.name, chosen);
      parts.push(csvLines(found, schema));
      rows = found.length;
    } else {
      for (let cursor: string | null = ""; cursor !== null;) {
        const page: Items = await studioApi.items(table.name, { ...asked, limit: AT_ONCE, ...(cursor ? { cursor } : {}) });
        parts.push(csvLines(page.rows, schema));
        cursor = page.next;
        rows += page.rows.length;
        setState({ is: "busy", read: rows });
      }
    }
    const name = `${table.name}.csv`;
    saveFile(name, new Blob(parts, { type: "text/csv;charset=utf-8" }));
    return { name, rows };
  });
  const said = (cause: unknown): string => {
    const { rows, most_rows: most } = cause instanceof Refusal ? cause.body : {};
    if (typeof rows === "number" && typeof most === "number") return t("tooMany", { rows: number(rows, lang, 0), most: number(most, lang, 0) });
    const words = problemWords(cause, lang, kit);
    return `${words.title} ${words.hint}`;
  };

  return (
    <>
      <button ref={button} type="button" className="tool" popoverTarget="export-menu" onKeyDown={onKeyDown}><IconDownload size={16} stroke={1.6} aria-hidden="true" />{t("button")}</button>
      <div id="export-menu" ref={menu} popover="auto" className="export-menu" role="group" aria-label={t("button")} onBeforeToggle={beside} onKeyDown={onKeyDown}>
        <p className="quiet">
          {chosen.length > 0 ? t("chosen", { count: chosen.length }) : t("all", { shown: count === null ? "…" : number(count, lang, 0) })}
          {table.geometry && table.geometry !== "none" && <><br />{table.legal_srid === null ? t("degrees") : t("zone", { srid: table.legal_srid })}</>}
        </p>
        {mayPrivate && <label className="check"><input type="checkbox" checked={isPrivate} onChange={(event) => setPrivate(event.target.checked)} /> {t("private")}</label>}
        {withPrivate && <label className="purpose">{t("purpose")}<input value={purpose} maxLength={500} onChange={(event) => setPurpose(event.target.value)} /></label>}
        {formatsOf(table.geometry).map((format) => <button key={format} type="button" disabled={unready} onClick={() => void take(format)}>{t(format)}<small>{t(`${format}Hint`)}</small></button>)}
        {!withPrivate && <button type="button" disabled={busy} onClick={() => void takeCsv()}>{t("csv")}<small>{t("csvHint")}</small></button>}
        {state.is !== "idle" && (
          <p className={state.is === "failed" ? "failed" : "quiet"} role={state.is === "failed" ? "alert" : "status"}>
            {state.is === "busy" && (state.read === null ? t("writing") : t("reading", { shown: number(state.read, lang, 0) }))}
            {state.is === "saved" && t("saved", { name: state.name, shown: number(state.rows, lang, 0) })}
            {state.is === "failed" && said(state.cause)}
          </p>
        )}
      </div>
    </>
  );
}
