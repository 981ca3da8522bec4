import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { area, number } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { boxOf } from "../../kit/geometry/box";
import { problemWords } from "../../kit/ui/problem";
import { type Draft, draftsApi, Refusal, type Verdict } from "../api";
import { moment } from "../state/moment";
import { useStudio } from "../StudioContext";
import { Findings, findingsOf } from "./FormPanel";
import { DraftConflict } from "./DraftConflict";

/** Drafts one keeps, reads or reviews. */
export function DraftsPanel() {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, draft, setDraft } = useStudio();
  const questions = useQueryClient();
  const [title, setTitle] = useState("");
  const list = useQuery({ queryKey: ["drafts"], queryFn: ({ signal }) => draftsApi.list(signal), retry: false });
  const make = useMutation({
    mutationFn: () => draftsApi.make(title.trim()),
    onSuccess: (answer) => {
      setTitle("");
      void questions.invalidateQueries({ queryKey: ["drafts"] });
      setDraft(answer.draft.id);
    },
  });
  const failed = list.error ?? make.error;
  const words = failed ? problemWords(failed, lang, kit) : null;
  if (draft) return <OneDraft key={draft} id={draft} onClose={() => setDraft(null)} />;
  return (
    <section className="drafts">
      <form className="draft-new" onSubmit={(event) => { event.preventDefault(); if (title.trim()) make.mutate(); }}>
        <input value={title} maxLength={200} placeholder={t("drafts.name")} aria-label={t("drafts.name")} onChange={(event) => setTitle(event.target.value)} />
        <button className="button" disabled={!title.trim() || make.isPending}>{t("drafts.make")}</button>
      </form>
      {words && <p className="failed pad" role="alert">{words.title} {words.hint}</p>}
      {list.data?.drafts.length === 0 && <p className="quiet pad">{t("drafts.none")}</p>}
      <ul>
        {list.data?.drafts.map((one) => (
          <li key={one.id}>
            <button type="button" className="draft-line" onClick={() => setDraft(one.id)}>
              <b>{one.name}</b><span className={`state ${one.state}`}>{t(`drafts.state.${one.state}`)}</span>
              <small className="quiet">{one.owner.name || one.owner.account} · {t("drafts.operations", { count: one.operations })} · {moment(one.changed_at, lang)}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function OneDraft({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, map, show, tables } = useStudio();
  const questions = useQueryClient();
  const asked = useQuery({ queryKey: ["draft", id], queryFn: ({ signal }) => draftsApi.read(id, signal), retry: false });
  const compared = useQuery({ queryKey: ["draft", id, "compare"], queryFn: ({ signal }) => draftsApi.compare(id, signal), retry: false });
  const impact = useQuery({ queryKey: ["draft", id, "impact"], queryFn: ({ signal }) => draftsApi.impact(id, signal), retry: false });
  const [text, setText] = useState("");
  const [verdicts, setVerdicts] = useState<Verdict[]>([]);
  const [said, setSaid] = useState<string | null>(null);
  const again = () => {
    void questions.invalidateQueries({ queryKey: ["draft", id] });
    void questions.invalidateQueries({ queryKey: ["drafts"] });
    map?.refreshAll();
  };
  const act = useMutation({
    mutationFn: async (step: "check" | "submit" | "withdraw" | "approve" | "discard" | "return" | "comment" | "publish") => {
      const draft = asked.data;
      if (!draft) return null;
      setSaid(null);
      const centre = map ? ([map.view().lon, map.view().lat] as [number, number]) : null;
      switch (step) {
        case "check": {
          const answer = await draftsApi.check(id);
          setVerdicts(answer.results);
          setSaid(answer.sound ? t("work.sound", { count: answer.results.length }) : t("work.unsound", { count: answer.results.filter((one) => one.outcome === "refused" || one.outcome === "conflict").length }));
          return null;
        }
        case "return": return draftsApi.giveBack(id, draft.revision, text.trim(), centre).then(() => setText(""));
        case "comment": return draftsApi.comment(id, text.trim(), centre).then(() => setText(""));
        case "publish": {
          const answer = await draftsApi.publish(id, draft.revision, text.trim() || draft.name);
          setVerdicts(answer.results);
          setSaid(t("work.published", { count: answer.results.length }));
          void questions.invalidateQueries({ queryKey: ["items"] });
          return null;
        }
        default: return draftsApi.step(id, step, draft.revision);
      }
    },
    onSettled: again,
    onError: (cause) => {
      if (cause instanceof Refusal && cause.results.length > 0) setVerdicts(cause.results);
    },
  });
  const failed = asked.error ?? act.error;
  const words = failed ? problemWords(failed, lang, kit) : null;
  const draft: Draft | undefined = asked.data;
  const may = (step: string) => draft?.may.includes(step) ?? false;
  const layerTitle = (name: string) => pick(tables.find((one) => one.name === name)?.title, lang) || name;
  const conflicts = verdicts.flatMap((one) => (one.outcome === "conflict" ? [one] : []));
  return (
    <section className="drafts one">
      <button type="button" className="link" onClick={onClose}>← {t("drafts.all")}</button>
      {words && <p className="note bad" role="alert">✕ {words.title} {words.hint}</p>}
      {draft && (
        <>
          <h2>{draft.name}</h2>
          <p><span className={`state ${draft.state}`}>{t(`drafts.state.${draft.state}`)}</span> <span className="quiet">{draft.owner.name || draft.owner.account} · {moment(draft.changed_at, lang)}</span></p>
          <p className="quiet">{t("drafts.overlay")}</p>
          {said && <p className="note good" role="status">{said}</p>}
          <div className="row-buttons">
            <button type="button" className="button" disabled={act.isPending} onClick={() => act.mutate("check")}>{t("work.check")}</button>
            {may("submit") && <button type="button" className="button main" disabled={act.isPending} onClick={() => act.mutate("submit")}>{t("drafts.submit")}</button>}
            {may("withdraw") && <button type="button" className="button" disabled={act.isPending} onClick={() => act.mutate("withdraw")}>{t("drafts.withdraw")}</button>}
            {may("approve") && <button type="button" className="button main" disabled={act.isPending} onClick={() => act.mutate("approve")}>{t("drafts.approve")}</button>}
            {may("publish") && <button type="button" className="button main" disabled={act.isPending} onClick={() => act.mutate("publish")}>{t("drafts.publish")}</button>}
            {may("discard") && <button type="button" className="button" disabled={act.isPending} onClick={() => { if (confirm(t("drafts.discardAsk"))) act.mutate("discard"); }}>{t("drafts.discard")}</button>}
          </div>
          {(may("return") || may("comment") || may("publish")) && (
            <div className="work-send">
              <label htmlFor="draft-text">{t(may("publish") ? "drafts.reasonOrComment" : "drafts.comment")}</label>
              <textarea id="draft-text" rows={2} value={text} onChange={(event) => setText(event.target.value)} />
              <div className="row-buttons">
                {may("comment") && <button type="button" className="button" disabled={!text.trim()} onClick={() => act.mutate("comment")}>{t("drafts.say")}</button>}
                {may("return") && <button type="button" className="button" disabled={!text.trim()} onClick={() => act.mutate("return")}>{t("drafts.return")}</button>}
              </div>
              <p className="quiet">{t("drafts.atCentre")}</p>
            </div>
          )}
          {conflicts.map((one) => <DraftConflict key={one.op_id} draft={draft} conflict={one} onDone={() => { setVerdicts(verdicts.filter((other) => other.op_id !== one.op_id)); again(); }} />)}
          {verdicts.filter((one) => one.outcome !== "conflict").map((one) => <Findings key={one.op_id} findings={findingsOf(one)} />)}

          <h3>{t("drafts.compare")}</h3>
          <ul className="work-list">
            {compared.data?.rows.map((row) => {
              const side = row.after ?? row.before, geometry = side?.geometry;
              const sizes = [row.before?.area_m2, row.after?.area_m2];
              const operation = draft.operations.find((one) => one.id === row.id && one.entity === row.layer);
              return (
                <li key={`${row.layer}${row.id}`} data-op={row.change === "added" ? "insert" : row.change === "removed" ? "delete" : "update"}>
                  <button type="button" className="work-item" onClick={() => { const box = geometry && boxOf([geometry]); if (box) show({ box }); }}>
                    <b>{t(`drafts.change.${row.change}`)}</b> {layerTitle(row.layer)} <b>{side?.label ?? row.id.slice(-6)}</b>
                    {sizes.some((size) => size != null) && <span className="quiet"> · {sizes.map((size) => (size == null ? "–" : area(size, lang))).join(" → ")}</span>}
                  </button>
                  {may("edit") && operation && <button type="button" className="link" onClick={() => void draftsApi.drop(id, operation.op_id).then(again, again)}>{t("work.drop")}</button>}
                  <ul className="quiet">{Object.entries(row.fields).filter(([name]) => name !== "geometry").map(([name, { before, after }]) => <li key={name}>{name}: <del>{String(before ?? "–")}</del> → <ins>{String(after ?? "–")}</ins></li>)}</ul>
                </li>
              );
            })}
          </ul>
          {compared.data?.rows.length === 0 && <p className="quiet">{t("drafts.empty")}</p>}

          <h3>{t("drafts.impact")}</h3>
          {impact.data?.layers.length === 0 && <p className="quiet">{t("drafts.noImpact")}</p>}
          {impact.data && impact.data.layers.length > 0 && (
            <table className="impact"><tbody>{impact.data.layers.map((one) => <tr key={one.layer}><th scope="row">{pick(one.title, lang)}</th><td className="numeric">{number(one.count, lang, 0)}</td><td className="numeric">{one.area_m2 != null ? area(one.area_m2, lang) : ""}</td></tr>)}</tbody></table>
          )}

          <h3>{t("drafts.comments")}</h3>
          <ul className="comments">
            {draft.comments.map((one, at) => <li key={at}><p>{one.text}</p><p className="quiet">{one.by} · {moment(one.at, lang)} {one.place && <button type="button" className="link" onClick={() => one.place && show({ at: one.place })}>{t("work.place")}</button>}</p></li>)}
          </ul>
        </>
      )}
    </section>
  );
}
