import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { IconFilter, IconPlus, IconSortAscending, IconSortDescending, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { number } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { type Asked, choicesOf, type Condition, type Item, type Schema, studioApi, type Table } from "../api";
import { ExportMenu } from "../export/ExportMenu";
import { newId } from "../state/ids";
import { inCell, typed, unitOf } from "../state/values";
import { inserted, keyOf } from "../state/work";
import { useStudio } from "../StudioContext";

const ROW = 30, AHEAD = 20, AT_ONCE = 200, MOST_CHOSEN = 1000;
const COMPARISONS = ["=", "!=", "<", "<=", ">", ">=", "has", "empty", "filled"] as const;

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
  const pages = useInfiniteQuery({
    queryKey: ["items", table.name, "table", asked],
    queryFn: ({ pageParam, signal }) => studioApi.items(table.name, { ...asked, limit: AT_ONCE, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data]);
  const count = pages.data?.pages[0]?.count ?? null;
  const names = useMemo(() => schema["x-order"].filter((name) => schema.properties[name]?.["x-kind"] !== "json"), [schema]);
  const set = useMemo(() => new Set(chosen), [chosen]);
  const last = useRef<number>(-1);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(200);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!box.current) return;
    const watched = new ResizeObserver(([entry]) => entry && setHeight(entry.contentRect.height));
    watched.observe(box.current);
    return () => watched.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(top / ROW) - AHEAD), to = Math.min(rows.length, Math.ceil((top + height) / ROW) + AHEAD);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  useEffect(() => {
    if (to >= rows.length - AHEAD && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [to, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  // What is chosen on the map comes into sight here, where it is loaded.
  const first = chosen[0];
  useEffect(() => {
    if (!first || !box.current) return;
    const at = rows.findIndex((row) => row.id === first);
    const { scrollTop, clientHeight } = box.current;
    if (at >= 0 && (at * ROW < scrollTop || (at + 2) * ROW > scrollTop + clientHeight)) box.current.scrollTop = Math.max(0, at * ROW - clientHeight / 2);
    // Only when something else is chosen; rows that arrive do not move the page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [first]);

  const take = (at: number, item: Item, how: { more: boolean; upTo: boolean }) => {
    if (how.upTo && last.current >= 0) {
      const [low, high] = [Math.min(last.current, at), Math.max(last.current, at)];
      select(rows.slice(low, high + 1).map((row) => row.id), "add");
    } else select([item.id], how.more ? "toggle" : "replace");
    last.current = at;
    if (item.bbox && !how.more && !how.upTo) show({ box: item.bbox });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const at = Math.min(Math.max(0, last.current + (event.key === "ArrowDown" ? 1 : -1)), rows.length - 1);
    const item = rows[at];
    if (!item) return;
    take(at, item, { more: false, upTo: event.shiftKey });
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus());
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
  const failed = pages.error ? problemWords(pages.error, lang, kit) : null;

  return (
    <>
      <div className="table-bar">
        <h2>{pick(table.title, lang)}</h2>
        <input type="search" className="table-search" value={words} placeholder={t("table.search")} aria-label={t("table.search")} onChange={(event) => setWords(event.target.value)} />
        <button type="button" className="tool" aria-expanded={filterOpen} aria-pressed={conditions.length > 0} onClick={() => setFilterOpen((open) => !open)}><IconFilter size={16} stroke={1.6} aria-hidden="true" />{t("table.filter")}{conditions.length > 0 && ` (${conditions.length})`}</button>
        <button type="button" className="tool" onClick={() => void chooseAll()} disabled={rows.length === 0}>{t("table.chooseAll")}</button>
        {chosen.length > 0 && <button type="button" className="tool" aria-pressed={onlyChosen} onClick={() => setOnlyChosen((only) => !only)}><span title={t("table.onlyChosen", { count: chosen.length })}>{t("table.only", { count: chosen.length })}</span></button>}
        {chosen.length > 0 && <button type="button" className="tool" title={t("table.clear")} aria-label={t("table.clear")} onClick={() => select([])}><IconX size={16} /></button>}
        <span className="quiet table-count" role="status">{count !== null && t("table.count", { count, shown: number(count, lang, 0) })}</span>
        <ExportMenu table={table} schema={schema} asked={asked} count={count} />
        {table.edit.may && <button type="button" className="tool outlined" onClick={make}><IconPlus size={16} aria-hidden="true" />{t("table.new")}</button>}
      </div>
      {filterOpen && <Filter schema={schema} conditions={conditions} onChange={setConditions} />}
      {failed && <p className="failed pad" role="alert">{failed.title} {failed.hint}</p>}
      <div className="table-box" ref={box} onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={onKey}>
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
            {rows.slice(from, to).map((item, i) => {
              const at = from + i, pending = list.work.items.get(keyOf(table.name, item.id));
              return (
                <tr key={`${item.id}${item.valid_from ?? ""}`} data-at={at} tabIndex={set.has(item.id) || (chosen.length === 0 && at === from) ? 0 : -1} aria-selected={set.has(item.id)} aria-rowindex={at + 1}
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
            {to < rows.length && <tr aria-hidden="true" style={{ height: (rows.length - to) * ROW }}><td colSpan={names.length} /></tr>}
          </tbody>
        </table>
        {!pages.isPending && rows.length === 0 && <p className="quiet pad">{t("table.empty")}</p>}
      </div>
    </>
  );
}

/** Conditions that all hold. */
function Filter({ schema, conditions, onChange }: { schema: Schema; conditions: Condition[]; onChange: (conditions: Condition[]) => void }) {
  const { t } = useTranslation("studio");
  const { lang } = useStudio();
  const [draft, setDraft] = useState({ field: schema["x-order"][0] ?? "", is: "=", text: "" });
  const property = schema.properties[draft.field];
  const choices = property ? choicesOf(property) : [];
  const needsNothing = draft.is === "empty" || draft.is === "filled";
  const value = needsNothing ? null : property?.["x-kind"] === "bool" ? draft.text === "true" : draft.is === "has" ? draft.text : property ? typed(draft.text, property) : undefined;
  const ready = needsNothing || (value !== undefined && value !== null && draft.text !== "");
  return (
    <form className="filter" onSubmit={(event) => { event.preventDefault(); if (ready) { onChange([...conditions, needsNothing ? [draft.field, draft.is] : [draft.field, draft.is, value]]); setDraft({ ...draft, text: "" }); } }}>
      {conditions.map(([field, is, given], at) => (
        <span key={at} className="chip">{pick(schema.properties[field]?.["x-title"], lang)} {t(`table.is.${is}`)} {given === undefined ? "" : inCell(given, schema.properties[field], lang)}
          <button type="button" aria-label={t("table.dropCondition")} onClick={() => onChange(conditions.filter((_, other) => other !== at))}><IconX size={14} /></button>
        </span>
      ))}
      <select aria-label={t("table.field")} value={draft.field} onChange={(event) => setDraft({ ...draft, field: event.target.value, text: "" })}>
        {schema["x-order"].map((name) => <option key={name} value={name}>{pick(schema.properties[name]?.["x-title"], lang)}</option>)}
      </select>
      <select aria-label={t("table.comparison")} value={draft.is} onChange={(event) => setDraft({ ...draft, is: event.target.value })}>
        {COMPARISONS.map((is) => <option key={is} value={is}>{t(`table.is.${is}`)}</option>)}
      </select>
      {!needsNothing && (choices.length > 0 && draft.is !== "has" ? (
        <select aria-label={t("table.value")} value={draft.text} onChange={(event) => setDraft({ ...draft, text: event.target.value })}>
          <option value="" />
          {choices.map((choice) => <option key={choice.const} value={choice.const}>{pick(choice["x-title"], lang)} ({choice.const})</option>)}
        </select>
      ) : <input aria-label={t("table.value")} value={draft.text} onChange={(event) => setDraft({ ...draft, text: event.target.value })} type={property?.["x-kind"] === "date" ? "date" : "text"} />)}
      <button className="tool" disabled={!ready}>{t("table.addCondition")}</button>
    </form>
  );
}
