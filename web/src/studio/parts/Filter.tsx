import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { choicesOf, type Condition, type Schema } from "../api";
import { inCell, typed } from "../state/values";
import { useStudio } from "../StudioContext";

const COMPARISONS = ["=", "!=", "<", "<=", ">", ">=", "has", "empty", "filled"] as const;

/** Conditions that all hold. */
export function Filter({ schema, conditions, onChange }: { schema: Schema; conditions: Condition[]; onChange: (conditions: Condition[]) => void }) {
  const { t } = useTranslation("studio");
  const { lang } = useStudio();
  const [draft, setDraft] = useState({ field: schema["x-order"][0] ?? "", is: "=", text: "" });
  const property = schema.properties[draft.field];
  const choices = property ? choicesOf(property) : [];
  const needsNothing = draft.is === "empty" || draft.is === "filled";
  const value = needsNothing ? null : property?.["x-kind"] === "bool" ? draft.text === "true" : draft.is === "has" ? draft.text : property ? typed(draft.text, property, lang) : undefined;
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
