import { IconHelp } from "@tabler/icons-react";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { choicesOf, type Finding, type Property } from "../api";
import { editable, shown, typed, unitOf } from "../state/values";

interface Props {
  name: string;
  property: Property;
  value: unknown;
  /** What was there before, where it is changed. */
  before?: { value: unknown } | undefined;
  required: boolean;
  readOnly: boolean;
  findings: Finding[];
  lang: Lang;
  onChange: (value: unknown) => void;
  /** A field that is only asked (bulk edit) carries no mark of change. */
  bare?: boolean;
}

/** One attribute: its title, unit, help, the value as it can be changed, and what is wrong with it. */
export function Field({ name, property, value, before, required, readOnly, findings, lang, onChange, bare }: Props) {
  const { t } = useTranslation("studio");
  const id = useId();
  const [help, setHelp] = useState(false);
  const [text, setText] = useState(() => editable(value, property, lang));
  const [unread, setUnread] = useState(false);
  const outside = editable(value, property, lang);
  // Undo, or somebody else's edit: the field follows what is true.
  useEffect(() => {
    setText(outside);
    setUnread(false);
  }, [outside]);

  const choices = choicesOf(property);
  const known = choices.some((choice) => choice.const === value);
  const put = (given: string) => {
    const next = typed(given, property, lang);
    if (next === undefined) return setUnread(true);
    setUnread(false);
    onChange(next);
  };
  const kind = property["x-kind"];
  const common = { id, disabled: readOnly, "aria-invalid": unread || findings.some((one) => one.effect === "refuse"), "aria-describedby": `${id}-said`, "data-field": name };
  let input;
  if (choices.length > 0) {
    input = (
      <select {...common} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)}>
        <option value="">{required ? t("form.choose") : "–"}</option>
        {typeof value === "string" && !known && value !== "" && <option value={value}>{value} ({t("form.unknownCode")})</option>}
        {choices.filter((choice) => !choice.deprecated || choice.const === value).map((choice) => (
          <option key={choice.const} value={choice.const}>{pick(choice["x-title"], lang)} ({choice.const}){choice.deprecated ? ` – ${t("form.pastCode")}` : ""}</option>
        ))}
      </select>
    );
  } else if (kind === "bool") {
    input = (
      <select {...common} value={value === true ? "true" : value === false ? "false" : ""} onChange={(event) => onChange(event.target.value === "" ? null : event.target.value === "true")}>
        <option value="">–</option><option value="true">{shown(true, property, lang)}</option><option value="false">{shown(false, property, lang)}</option>
      </select>
    );
  } else if (kind === "json" || (kind === "text" && text.length > 60)) {
    input = <textarea {...common} rows={3} value={text} onChange={(event) => setText(event.target.value)} onBlur={() => text !== outside && put(text)} />;
  } else {
    input = (
      <input {...common} type={kind === "date" ? "date" : "text"} inputMode={kind === "int" ? "numeric" : kind === "float" ? "decimal" : undefined} value={text} autoComplete="off"
        onChange={(event) => { setText(event.target.value); if (kind === "date") put(event.target.value); }}
        onBlur={() => text !== outside && put(text)}
        onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); put(text); } else if (event.key === "Escape" && text !== outside) { event.stopPropagation(); setText(outside); setUnread(false); } }} />
    );
  }
  return (
    <div className="field" data-changed={before !== undefined && !bare} data-name={name}>
      <div className="field-head">
        <label htmlFor={id}>{pick(property["x-title"], lang)}{required && <abbr title={t("form.required")}> *</abbr>}</label>
        {property["x-unit"] && <span className="quiet">{unitOf(property["x-unit"], lang)}</span>}
        <button type="button" className="field-help" aria-expanded={help} aria-label={t("form.help")} onClick={() => setHelp((now) => !now)}><IconHelp size={15} stroke={1.6} /></button>
      </div>
      {input}
      <div id={`${id}-said`}>
        {before !== undefined && !bare && <p className="field-before">{t("form.before")} {shown(before.value, property, lang) || t("form.empty")} <button type="button" className="link" onClick={() => onChange(before.value ?? null)}>{t("form.restore")}</button></p>}
        {unread && <p className="field-wrong" role="alert">✕ {t(`form.kind.${kind}`)}</p>}
        {findings.map((one, at) => <p key={at} className={one.effect === "refuse" ? "field-wrong" : "field-warn"}>{one.effect === "refuse" ? "✕" : "△"} {pick(one.message, lang)}</p>)}
        {help && <p className="quiet field-text">{pick(property["x-help"], lang) || property.description || t("form.noHelp")} <code>{name}</code>{property["x-refers-to"] && ` → ${property["x-refers-to"]}`}</p>}
      </div>
    </div>
  );
}
