import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { type Conflict, type Draft, draftsApi, studioApi } from "../api";
import { moment } from "../state/moment";
import type { Choice } from "../state/resolve";
import { shown } from "../state/values";
import type { Values } from "../state/work";
import { useStudio } from "../StudioContext";

/** A conflict of a draft with what others published meanwhile. */
export function DraftConflict({ draft, conflict, onDone }: { draft: Draft; conflict: Conflict & { op_id: string }; onDone: () => void }) {
  const { t } = useTranslation("studio");
  const { lang, tables } = useStudio();
  const operation = draft.operations.find((one) => one.op_id === conflict.op_id);
  const layer = operation?.entity ?? "";
  const schema = useQuery({ queryKey: ["schema", layer], queryFn: ({ signal }) => studioApi.schema(layer, signal), enabled: layer !== "", staleTime: 300_000 }).data;
  const [choice, setChoice] = useState<Record<string, Choice>>({});
  const fields = conflict.fields;
  const end = (take: "mine" | "theirs" | "merged") => {
    const set: Values = {};
    for (const [name, value] of Object.entries(conflict.yours)) if (name !== "geometry" && (choice[name] ?? "mine") === "mine") set[name] = value;
    void draftsApi.resolve(draft.id, conflict.op_id, take, take === "merged" ? set : undefined).then(onDone, onDone);
  };
  const text = (values: Values | null, name: string) => (name === "geometry" ? t("conflict.shape") : shown(values?.[name], schema?.properties[name], lang) || t("form.empty"));
  return (
    <section className="conflict" role="group" aria-label={t("conflict.title")}>
      <h3>{t("conflict.title")}: {pick(tables.find((one) => one.name === layer)?.title, lang)}</h3>
      <p>{conflict.there ? t("conflict.who", { who: conflict.actor, when: conflict.at ? moment(conflict.at, lang) : "" }) : t("conflict.gone")}</p>
      <table>
        <thead><tr><th>{t("conflict.field")}</th><th>{t("conflict.seen")}</th><th>{t("conflict.there")}</th><th>{t("conflict.yours")}</th></tr></thead>
        <tbody>{fields.map((name) => (
          <tr key={name} data-met="true"><th scope="row">{name === "geometry" ? t("work.geometry") : pick(schema?.properties[name]?.["x-title"], lang) || name}</th><td>{text(conflict.seen, name)}</td>
            <td><label><input type="radio" name={`${conflict.op_id}${name}`} checked={choice[name] === "theirs"} onChange={() => setChoice({ ...choice, [name]: "theirs" })} /> {text(conflict.there, name)}</label></td>
            <td><label><input type="radio" name={`${conflict.op_id}${name}`} checked={(choice[name] ?? "mine") === "mine"} onChange={() => setChoice({ ...choice, [name]: "mine" })} /> {text(conflict.yours, name)}</label></td></tr>
        ))}</tbody>
      </table>
      <div className="row-buttons">
        <button type="button" className="button" onClick={() => end("theirs")}>{t("conflict.takeTheirs")}</button>
        {conflict.there && <button type="button" className="button" onClick={() => end("mine")}>{t("conflict.keepMine")}</button>}
        {conflict.there && <button type="button" className="button" onClick={() => end("merged")}>{t("conflict.merge")}</button>}
      </div>
    </section>
  );
}
