import { IconArrowBackUp, IconHistory, IconShape, IconTable, IconTrash, IconUsers, IconZoomScan } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { boxOf } from "../../kit/geometry/box";
import type { Finding, Schema, Table, Verdict } from "../api";
import { CornerTable, DrawProblems } from "../draw";
import { Holders } from "../holders/Holders";
import { changed, dropped, keyOf, removed, type Row } from "../state/work";
import { ready } from "../state/useDrawing";
import { useStudio } from "../StudioContext";
import { BulkEdit } from "./BulkEdit";
import { Field } from "./Field";
import { History } from "./History";

/** What the server said against an operation. */
export function findingsOf(verdict: Verdict | undefined): Finding[] {
  switch (verdict?.outcome) {
    case "refused": return verdict.findings;
    case "applied": case "merged": return verdict.warnings ?? [];
    default: return [];
  }
}

/** A name for an object: what a person would call it. */
export function labelOf(values: Record<string, unknown>, id: string, key: readonly string[] = []): string {
  const text = (name: string) => (typeof values[name] === "string" || typeof values[name] === "number" ? String(values[name]) : "");
  if (text("number") && text("sheet")) return `${text("number")} / ${text("sheet")}`;
  for (const name of ["zone_code", "name", "full_text", "tree_number", "code", "title", "road_name", "source_ref", "number"]) if (text(name)) return text(name);
  // A layer of one's own has names of its own: what it is known by, or what is called a number.
  for (const name of [...key, ...Object.keys(values).filter((one) => one.endsWith("_number"))]) if (text(name)) return text(name);
  return id.slice(-6);
}

export function FormPanel() {
  const { t } = useTranslation("studio");
  const { table, schema, selected, controller, drawing, chosen } = useStudio();
  const only = selected.length === 1 ? selected[0] : undefined;
  return (
    <>
      {drawing.of && controller && <DrawingPart />}
      {controller && <CornerTable controller={controller} shape={only?.shape ?? null} {...(only ? { title: labelOf(only.values, only.id) } : {})} />}
      {!table || !schema || chosen.length === 0 ? (
        !drawing.of && <p className="quiet pad">{t("form.none")} {t("form.noneHint")}</p>
      ) : only ? <One key={only.id} table={table} schema={schema} row={only} /> : selected.length > 1 ? <BulkEdit table={table} schema={schema} rows={selected} /> : (
        <div className="ghost-rows" aria-hidden="true"><span className="ghost" /><span className="ghost" /><span className="ghost short" /></div>
      )}
    </>
  );
}

function DrawingPart() {
  const { t } = useTranslation("studio");
  const { controller, drawing, tables, lang } = useStudio();
  if (!controller || !drawing.of) return null;
  const of = tables.find(({ name }) => name === drawing.of?.layer);
  return (
    <section className="part-drawing" aria-label={t("form.drawing")}>
      {of && <p className="quiet">{pick(of.title, lang)}</p>}
      <h2>{t(drawing.of.isNew ? "form.drawingNew" : "form.drawing")}</h2>
      <DrawProblems controller={controller} />
      <div className="row-buttons">
        <button type="button" className="button main" disabled={!ready(drawing)} onClick={drawing.keep}>{t("form.keepShape")}</button>
        <button type="button" className="button" onClick={drawing.cancel}>{t("form.dropShape")}</button>
      </div>
    </section>
  );
}

function One({ table, schema, row }: { table: Table; schema: Schema; row: Row }) {
  const { t } = useTranslation("studio");
  const { lang, list, verdicts, drawing, show, controller, select, me } = useStudio();
  const { t: holders } = useTranslation("holders");
  const [page, setPage] = useState<"form" | "history" | "holders">("form");
  const key = keyOf(table.name, row.id);
  const pending = list.work.items.get(key);
  const isNew = pending?.op === "insert";
  const verdict = pending ? verdicts.get(pending.opId) : undefined;
  const findings = findingsOf(verdict);
  const values = useMemo(() => ({ ...row.values, ...pending?.set }), [row.values, pending]);
  const required = useMemo(() => new Set(schema.required), [schema]);
  const shape = pending?.shape ?? row.shape;
  const readOnly = !table.edit.may || pending?.op === "delete";
  const placeless = findings.filter((one) => one.field === null || one.field === "geometry" || !schema.properties[one.field]);
  const hasPlace = table.geometry !== null && table.geometry !== "none";
  const put = (name: string, value: unknown) => list.take([changed(list.work, row, { set: { [name]: value } })]);
  const movedOn = pending?.seen && row.version > pending.seen.version;
  return (
    <section className="form" aria-label={t("panels.form")}>
      <header className="form-head">
        <p className="quiet">{pick(table.title, lang)}{isNew ? ` · ${t("form.new")}` : ` · ${t("form.version", { version: row.version })}`}</p>
        <h2>{labelOf(values, row.id, schema["x-layer"].key)}</h2>
        {typeof values["name"] === "string" && values["name"] !== labelOf(values, row.id, schema["x-layer"].key) && <p>{values["name"]}</p>}
        {!table.edit.may && <p className="note">{pick(table.edit.reason, lang)}</p>}
        {pending?.op === "delete" && <p className="note warn">{t("form.willGo")}</p>}
        {movedOn && <p className="note warn">{t("form.movedOn")}</p>}
        <div className="row-buttons">
          {hasPlace && shape && <button type="button" className="tool" onClick={() => { const box = boxOf([shape]); if (box) show({ box }); }}><IconZoomScan size={16} stroke={1.6} aria-hidden="true" />{t("form.show")}</button>}
          {hasPlace && !readOnly && !drawing.of && <button type="button" className="tool" onClick={() => drawing.start(table, row)}><IconShape size={16} stroke={1.6} aria-hidden="true" />{t("form.shape")}</button>}
          {hasPlace && shape && shape.type !== "Point" && controller && <button type="button" className="tool" onClick={() => controller.setTable(true)}><IconTable size={16} stroke={1.6} aria-hidden="true" />{t("form.corners")}</button>}
          {!isNew && <button type="button" className="tool" aria-pressed={page === "history"} onClick={() => setPage(page === "form" ? "history" : "form")}><IconHistory size={16} stroke={1.6} aria-hidden="true" />{t("form.history")}</button>}
          {!isNew && table.name === "parcel" && me.rights.some((right) => right.action === "look_up_person") && <button type="button" className="tool" aria-pressed={page === "holders"} onClick={() => setPage(page === "holders" ? "form" : "holders")}><IconUsers size={16} stroke={1.6} aria-hidden="true" />{holders("button")}</button>}
          {table.edit.may && pending && <button type="button" className="tool" onClick={() => { list.take(dropped(list.work, key)); if (isNew) select([]); }}><IconArrowBackUp size={16} stroke={1.6} aria-hidden="true" />{t("form.drop")}</button>}
          {table.edit.may && !isNew && pending?.op !== "delete" && <button type="button" className="tool" onClick={() => list.take([removed(list.work, row)])}><IconTrash size={16} stroke={1.6} aria-hidden="true" />{t("form.remove")}</button>}
        </div>
        <Findings findings={placeless} />
      </header>
      {page === "holders" && <Holders key={row.id} id={row.id} />}
      {page === "history" ? <History table={table} schema={schema} id={row.id} /> : page === "form" && (
        <div className="fields">
          {schema["x-order"].map((name) => {
            const property = schema.properties[name];
            if (!property) return null;
            const isChanged = pending && !isNew && name in pending.set;
            return (
              <Field key={name} name={name} property={property} value={values[name]} required={required.has(name)} readOnly={readOnly} lang={lang}
                before={isChanged ? { value: pending.seen?.values[name] } : undefined}
                findings={findings.filter((one) => one.field === name)} onChange={(value) => put(name, value)} />
            );
          })}
        </div>
      )}
    </section>
  );
}

/** Findings with a way to their place. */
export function Findings({ findings }: { findings: Finding[] }) {
  const { t } = useTranslation("studio");
  const { lang, show } = useStudio();
  if (findings.length === 0) return null;
  return (
    <ul className="findings">
      {findings.map((one, at) => (
        <li key={at} className={one.effect === "refuse" ? "field-wrong" : "field-warn"}>
          {one.effect === "refuse" ? "✕" : "△"} {pick(one.message, lang)}
          {one.place && <button type="button" className="link" onClick={() => one.place && show({ at: one.place })}>{t("work.place")}</button>}
        </li>
      ))}
    </ul>
  );
}
