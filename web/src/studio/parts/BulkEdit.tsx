import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import type { Schema, Table } from "../api";
import { shown } from "../state/values";
import { changed, keyOf, removed, type Row } from "../state/work";
import { useStudio } from "../StudioContext";
import { Field } from "./Field";

/** One attribute of many objects at once, with what it was before it is done. */
export function BulkEdit({ table, schema, rows }: { table: Table; schema: Schema; rows: Row[] }) {
  const { t } = useTranslation("studio");
  const { lang, list, select } = useStudio();
  const [field, setField] = useState("");
  // Nothing is emptied by accident: until a value is given there is none to put in.
  const [given, setGiven] = useState<{ value: unknown } | null>(null);
  const value = given?.value ?? null;
  const property = field ? schema.properties[field] : undefined;
  const now = (row: Row) => {
    const pending = list.work.items.get(keyOf(table.name, row.id));
    return pending && field in pending.set ? pending.set[field] : row.values[field];
  };
  const before = useMemo(() => {
    const counts = new Map<string, number>();
    for (const row of rows) {
      const text = shown(now(row), property, lang);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [rows, field, lang, list.work]);
  const differing = rows.filter((row) => JSON.stringify(now(row) ?? null) !== JSON.stringify(value ?? null));
  const apply = () => {
    list.take(differing.map((row) => changed(list.work, row, { set: { [field]: value } })));
    setField("");
    setGiven(null);
  };
  return (
    <section className="form" aria-label={t("bulk.title", { count: rows.length })}>
      <header className="form-head">
        <p className="quiet">{pick(table.title, lang)}</p>
        <h2>{t("bulk.title", { count: rows.length })}</h2>
        {!table.edit.may && <p className="note">{pick(table.edit.reason, lang)}</p>}
        <div className="row-buttons"><button type="button" className="tool" onClick={() => select([])}>{t("table.clear")}</button>
          {table.edit.may && <button type="button" className="tool" onClick={() => list.take(rows.map((row) => removed(list.work, row)))}>{t("bulk.remove", { count: rows.length })}</button>}</div>
      </header>
      {table.edit.may && (
        <div className="fields">
          <div className="field"><div className="field-head"><label htmlFor="bulk-field">{t("bulk.field")}</label></div>
            <select id="bulk-field" value={field} onChange={(event) => { setField(event.target.value); setGiven(null); }}>
              <option value="">{t("form.choose")}</option>
              {schema["x-order"].map((name) => <option key={name} value={name}>{pick(schema.properties[name]?.["x-title"], lang)}</option>)}
            </select>
          </div>
          {property && (
            <>
              <Field key={field} bare name={field} property={property} value={value} required={schema.required.includes(field)} readOnly={false} findings={[]} lang={lang} onChange={(value) => setGiven({ value })} />
              {!schema.required.includes(field) && !given && <button type="button" className="link" onClick={() => setGiven({ value: null })}>{t("bulk.empty")}</button>}
              <div className="preview">
                <p>{given ? t("bulk.preview", { count: differing.length, all: rows.length }) : t("bulk.now")}</p>
                <table>
                  <thead><tr><th>{t("bulk.from")}</th><th>{t("bulk.objects")}</th><th>{t("bulk.to")}</th></tr></thead>
                  <tbody>{before.slice(0, 12).map(([text, count]) => <tr key={text}><td>{text || t("form.empty")}</td><td className="numeric">{count}</td><td>{!given ? "" : text === shown(value, property, lang) ? t("bulk.same") : shown(value, property, lang) || t("form.empty")}</td></tr>)}</tbody>
                </table>
                {before.length > 12 && <p className="quiet">{t("bulk.more", { count: before.length - 12 })}</p>}
              </div>
              <button type="button" className="button main" disabled={!given || differing.length === 0 || (value === null && schema.required.includes(field))} onClick={apply}>{t("bulk.apply", { count: given ? differing.length : 0 })}</button>
            </>
          )}
        </div>
      )}
    </section>
  );
}
