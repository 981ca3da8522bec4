import { IconFilter, IconPlus, IconSortAscending, IconSortDescending, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { number } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { type Asked, type Condition, type Item, type Schema, studioApi, type Table } from "../api";
import { ExportMenu } from "../export/ExportMenu";
import { newId } from "../state/ids";
import { useRows } from "../state/useRows";
import { inCell, unitOf } from "../state/values";
import { inserted, keyOf } from "../state/work";
import { useStudio } from "../StudioContext";
import { Filter } from "./Filter";

const ROW = 30, AHEAD = 20, MOST_CHOSEN = 1000;

/** The rows of the chosen layer: the server sorts and filters, only what is in sight is drawn. */
export function AttributeTable() {
  const { t } = useTranslation("studio");
  const { table, schema } = useStudio();
  if (!table) return <p className="quiet pad">{t("table.none")}</p>;
  if (!schema) return <div className="ghost-rows" aria-hidden="true"><span className="ghost" /><span className="ghost" /><span className="ghost short" /></div>;
  return <Rows key={table.name} table={table} schema={schema} />;
}

function Rows({ table, schema }: { table: Table; schema: Schema }) {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, chosen, select, show, list, drawing, choose } = useStudio();
  const [words, setWords] = useState("");
  const [conditions, setConditions] = useState<Condition[]>([]);
  const [filterOpen, setFilterOpen] = useState(false);
  const [sort, setSort] = useState("");
  const [onlyChosen, setOnlyChosen] = useState(false);
  const q = useDeferredValue(words);
  const asked: Asked = useMemo(() => ({ q, filter: conditions, sort, ...(onlyChosen && chosen.length > 0 ? { ids: chosen.slice(0, 500) } : {}) }), [q, conditions, sort, onlyChosen, chosen]);
  const names = useMemo(() => schema["x-order"].filter((name) => schema.properties[name]?.["x-kind"] !== "json"), [schema]);
  const set = useMemo(() => new Set(chosen), [chosen]);
  const last = useRef<number>(-1);
  const focusNext = useRef<number | null>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(200);
  const [wanted, setWanted] = useState<{ at: number; upTo: boolean } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!box.current) return;
    const watched = new ResizeObserver(([entry]) => entry && setHeight(entry.contentRect.height));
    watched.observe(box.current);
    return () => watched.disconnect();
  }, []);
  const inSight = Math.floor(top / ROW);
  const { rowAt, whereIs, count, isPending, error } = useRows(table.name, asked, Math.max(0, inSight - AHEAD), Math.ceil((top + height) / ROW) + AHEAD);
  const total = count ?? 0;
  const from = Math.min(Math.max(0, inSight - AHEAD), total), to = Math.min(total, Math.ceil((top + height) / ROW) + AHEAD);

  // Other rows, or another order, begin at their beginning.
  const question = `${q}\n${JSON.stringify(conditions)}\n${sort}\n${onlyChosen}`;
  useEffect(() => {
    last.current = -1;
    setWanted(null);
    if (box.current) box.current.scrollTop = 0;
  }, [question]);

  // What is chosen on the map comes into sight here, where it is loaded.
  const first = chosen[0];
  useEffect(() => {
    if (!first || !box.current) return;
    const at = whereIs(first);
    const { scrollTop, clientHeight } = box.current;
    if (at >= 0 && (at * ROW < scrollTop || (at + 2) * ROW > scrollTop + clientHeight)) box.current.scrollTop = Math.max(0, at * ROW - clientHeight / 2);
    // Only when something else is chosen; rows that arrive do not move the page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [first]);

  /** The objects of a stretch of the table; what is not loaded of it is asked for. */
  const stretch = async (low: number, high: number): Promise<string[]> => {
    const here = Array.from({ length: Math.min(high - low + 1, MOST_CHOSEN) }, (_, i) => rowAt(low + i)?.id);
    if (here.every((id) => id !== undefined)) return here;
    const page = await studioApi.items(table.name, { ...asked, offset: low, limit: here.length });
    return page.rows.map((row) => row.id);
  };
  const take = (at: number, item: Item, how: { more: boolean; upTo: boolean }) => {
    if (how.upTo && last.current >= 0) {
      setFailure(null);
      void stretch(Math.min(last.current, at), Math.max(last.current, at)).then((ids) => select(ids, "add"), setFailure);
    } else select([item.id], how.more ? "toggle" : "replace");
    last.current = at;
    if (item.bbox && !how.more && !how.upTo) show({ box: item.bbox });
  };

  // A key may lead to a row that is still on its way: it is taken as soon as it is here.
  const arrived = wanted && rowAt(wanted.at);
  useEffect(() => {
    if (!wanted || !arrived) return;
    setWanted(null);
    take(wanted.at, arrived, { more: false, upTo: wanted.upTo });
    focusNext.current = wanted.at;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted, arrived]);
  // The row is drawn only once the box has been scrolled to it.
  useEffect(() => {
    if (focusNext.current === null) return;
    const row = box.current?.querySelector<HTMLElement>(`[data-at="${focusNext.current}"]`);
    if (!row) return;
    focusNext.current = null;
    row.focus();
  });
  const onKey = (event: KeyboardEvent) => {
    const now = wanted?.at ?? last.current, page = Math.max(1, Math.floor(height / ROW) - 2);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: Math.max(0, now) + page, PageUp: now - page, Home: 0, End: total - 1 }[event.key];
    if (next === undefined || total === 0) return;
    event.preventDefault();
    const at = Math.min(Math.max(0, next), total - 1), shown = box.current!;
    // The heading lies over the first row.
    if (at * ROW < shown.scrollTop) shown.scrollTop = at * ROW;
    else if ((at + 2) * ROW > shown.scrollTop + shown.clientHeight) shown.scrollTop = (at + 2) * ROW - shown.clientHeight;
    // The focus must not go with a row that is no longer drawn: the next key would be nobody's.
    if (at < from || at >= to) shown.focus();
    setWanted({ at, upTo: event.shiftKey });
  };
  const chooseAll = async () => {
    const found: string[] = [];
    let cursor = "";
    do {
      const page = await studioApi.items(table.name, { ...asked, limit: MOST_CHOSEN, ...(cursor ? { cursor } : {}) });
      found.push(...page.rows.map((row) => row.id));
      cursor = page.next ?? "";
    } while (cursor && found.length < MOST_CHOSEN);
    select(found.slice(0, MOST_CHOSEN));
  };
  const make = () => {
    if (table.geometry && table.geometry !== "none") return drawing.start(table, null);
    const id = newId();
    list.take([inserted(table.name, id, {}, undefined, undefined)]);
    choose(table.name, [id]);
  };
  const wrong = error ?? failure;
  const failed = wrong ? problemWords(wrong, lang, kit) : null;
  const tabbed = chosen.some((id) => { const at = whereIs(id); return at >= from && at < to; }) ? -1 : inSight;

  return (
    <>
      <div className="table-bar">
        <h2>{pick(table.title, lang)}</h2>
        <input type="search" className="table-search" value={words} placeholder={t("table.search")} aria-label={t("table.search")} onChange={(event) => setWords(event.target.value)} />
        <button type="button" className="tool" aria-expanded={filterOpen} aria-pressed={conditions.length > 0} onClick={() => setFilterOpen((open) => !open)}><IconFilter size={16} stroke={1.6} aria-hidden="true" />{t("table.filter")}{conditions.length > 0 && ` (${conditions.length})`}</button>
        <button type="button" className="tool" onClick={() => void chooseAll()} disabled={total === 0}>{t("table.chooseAll")}</button>
        {chosen.length > 0 && <button type="button" className="tool" aria-pressed={onlyChosen} onClick={() => setOnlyChosen((only) => !only)}><span title={t("table.onlyChosen", { count: chosen.length })}>{t("table.only", { count: chosen.length })}</span></button>}
        {chosen.length > 0 && <button type="button" className="tool" title={t("table.clear")} aria-label={t("table.clear")} onClick={() => select([])}><IconX size={16} /></button>}
        <span className="quiet table-count" role="status">{count !== null && t("table.count", { count, shown: number(count, lang, 0) })}</span>
        <ExportMenu table={table} schema={schema} asked={asked} count={count} />
        {table.edit.may && <button type="button" className="tool outlined" onClick={make}><IconPlus size={16} aria-hidden="true" />{t("table.new")}</button>}
      </div>
      {filterOpen && <Filter schema={schema} conditions={conditions} onChange={setConditions} />}
      {failed && <p className="failed pad" role="alert">{failed.title} {failed.hint}</p>}
      <div className="table-box" ref={box} tabIndex={-1} onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={onKey}>
        <table className="rows" aria-rowcount={count ?? -1}>
          <thead>
            <tr>
              {names.map((name) => {
                const property = schema.properties[name]!, way = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
                return (
                  <th key={name} aria-sort={way} scope="col">
                    <button type="button" onClick={() => setSort(way === "ascending" ? `-${name}` : way === "descending" ? "" : name)}>
                      {pick(property["x-title"], lang)}{property["x-unit"] && <small> {unitOf(property["x-unit"], lang)}</small>}
                      {way === "ascending" && <IconSortAscending size={14} aria-hidden="true" />}{way === "descending" && <IconSortDescending size={14} aria-hidden="true" />}
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {from > 0 && <tr aria-hidden="true" style={{ height: from * ROW }}><td colSpan={names.length} /></tr>}
            {Array.from({ length: to - from }, (_, i) => {
              const at = from + i, item = rowAt(at);
              if (!item) return <tr key={at} aria-rowindex={at + 1} aria-busy="true"><td colSpan={names.length}><span className="ghost" aria-hidden="true" /></td></tr>;
              const pending = list.work.items.get(keyOf(table.name, item.id));
              return (
                <tr key={at} data-at={at} data-id={item.id} tabIndex={set.has(item.id) || at === tabbed ? 0 : -1} aria-selected={set.has(item.id)} aria-rowindex={at + 1}
                  data-state={pending?.op ?? "none"}
                  onClick={(event) => take(at, item, { more: event.ctrlKey || event.metaKey, upTo: event.shiftKey })}
                  onKeyDown={(event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); take(at, item, { more: event.ctrlKey, upTo: event.shiftKey }); } }}>
                  {names.map((name) => {
                    const property = schema.properties[name]!, isChanged = pending !== undefined && name in pending.set;
                    const numeric = property["x-kind"] === "int" || property["x-kind"] === "float";
                    return <td key={name} className={`${numeric ? "numeric" : ""}${isChanged ? " changed" : ""}`}>{inCell(isChanged ? pending.set[name] : item.values[name], property, lang)}</td>;
                  })}
                </tr>
              );
            })}
            {to < total && <tr aria-hidden="true" style={{ height: (total - to) * ROW }}><td colSpan={names.length} /></tr>}
          </tbody>
        </table>
        {!isPending && count === 0 && <p className="quiet pad">{t("table.empty")}</p>}
      </div>
    </>
  );
}
