import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { type Draft, draftsApi, type Finding, Refusal, type Verdict } from "../api";
import { moment } from "../../kit/format/format";
import { useStudio } from "../StudioContext";
import { DraftConflict } from "./DraftConflict";
import { DraftDiff, DraftImpact } from "./DraftDiff";
import { AGAIN } from "./DraftsPanel";
import { Findings, findingsOf, labelOf } from "./FormPanel";

type Act = "check" | "submit" | "withdraw" | "approve" | "discard" | "return" | "comment" | "publish";

/** One draft: where it stands, what it breaks, what it changes, whom it meets, what was said; and the next step. */
export function OneDraft({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, map, show, list, tables, choose } = useStudio();
  const questions = useQueryClient();
  const asked = useQuery({ queryKey: ["draft", id], queryFn: ({ signal }) => draftsApi.read(id, signal), retry: false, refetchInterval: AGAIN });
  const draft: Draft | undefined = asked.data;
  const isOver = draft?.state === "published" || draft?.state === "discarded";
  const isFull = draft !== undefined && draft.operations.length > 0;
  // What others published meanwhile is met when the draft is opened, not first when it is published.
  // All that is said of a draft belongs to one revision of it: that one is approved.
  const checked = useQuery({ queryKey: ["draft", id, "check", draft?.revision], queryFn: () => draftsApi.check(id), enabled: isFull && !isOver, retry: false });
  const [text, setText] = useState("");
  const [reason, setReason] = useState<string | null>(null);
  const [refused, setRefused] = useState<Verdict[] | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const again = () => {
    void questions.invalidateQueries({ queryKey: ["draft", id] });
    void questions.invalidateQueries({ queryKey: ["drafts"] });
    map?.refreshAll();
  };
  const act = useMutation({
    mutationFn: async (step: Act) => {
      if (!draft) return;
      const centre = map ? ([map.view().lon, map.view().lat] as [number, number]) : null;
      switch (step) {
        case "check": await checked.refetch(); break;
        case "return": await draftsApi.giveBack(id, draft.revision, text.trim(), centre); setText(""); break;
        case "comment": await draftsApi.comment(id, text.trim(), centre); setText(""); break;
        case "publish": {
          const answer = await draftsApi.publish(id, draft.revision, (reason ?? draft.name).trim() || draft.name);
          setSaid(t("work.published", { count: answer.results.length }));
          void questions.invalidateQueries({ queryKey: ["items"] });
          break;
        }
        default: await draftsApi.step(id, step, draft.revision);
      }
    },
    onMutate: () => { setSaid(null); setRefused(null); },
    onSettled: again,
    onError: (cause) => { if (cause instanceof Refusal && cause.results.length > 0) setRefused(cause.results); },
  });
  const leave = useMutation({ mutationFn: (opId: string) => draftsApi.resolve(id, opId, "theirs"), onSuccess: () => { setRefused(null); again(); } });
  // What lies there now, on the map and in the form.
  const next = ({ other, other_layer, place }: Finding) => {
    if (!other || !other_layer) return;
    choose(other_layer, [other]);
    if (place) show({ at: place });
  };
  const failed = asked.error ?? leave.error ?? act.error ?? checked.error;
  const words = failed ? problemWords(failed, lang, kit) : null;
  const may = (step: string) => draft?.may.includes(step) ?? false;
  const verdicts = isOver ? [] : (refused ?? checked.data?.results ?? []);
  const conflicts = verdicts.flatMap((one) => (one.outcome === "conflict" ? [one] : []));
  const bad = verdicts.filter((one) => one.outcome === "refused" || one.outcome === "conflict").length;
  const name = (opId: string) => {
    const operation = draft?.operations.find((one) => one.op_id === opId);
    return operation ? `${pick(tables.find((one) => one.name === operation.entity)?.title, lang)} ${labelOf(operation.set ?? {}, operation.id)}` : "";
  };
  const button = (step: Act, main = false) => (
    <button type="button" className={`button${main ? " main" : ""}`} data-step={step} disabled={act.isPending} onClick={() => { if (step !== "discard" || confirm(t("drafts.discardAsk"))) act.mutate(step); }}>{t(`drafts.${step}`)}</button>
  );
  const middle = document.querySelector(".studio-middle");
  return (
    <section className="drafts one" data-state={draft?.state}>
      <button type="button" className="link back" onClick={onClose}>← {t("drafts.all")}</button>
      {words && <p className="note bad" role="alert">✕ {words.title} {words.hint}</p>}
      {!draft && !words && <div className="ghost-rows" aria-hidden="true"><span className="ghost" /><span className="ghost short" /></div>}
      {draft && (
        <>
          <h2>{draft.name}</h2>
          <p><span className={`state ${draft.state}`}>{t(`drafts.state.${draft.state}`)}</span> <span className="quiet">{draft.owner.name || draft.owner.account} · {moment(draft.changed_at, lang)}</span></p>
          <p className="quiet">{t(isOver ? `drafts.next.${draft.state}` : isFull ? `drafts.next.${draft.state}.${draft.part}` : "drafts.next.empty")}</p>
          {said && <p className="note good" role="status">✓ {said}</p>}
          {draft.part === "owner" && list.work.items.size > 0 && may("edit") && <p className="note warn">△ {t("drafts.unsaved", { count: list.work.items.size })}</p>}
          {may("publish") && (
            <div className="work-send">
              <label htmlFor="draft-reason">{t("drafts.reason")}</label>
              <textarea id="draft-reason" rows={2} maxLength={2000} value={reason ?? draft.name} onChange={(event) => setReason(event.target.value)} />
            </div>
          )}
          <div className="row-buttons">
            {may("submit") && isFull && button("submit", true)}
            {may("approve") && button("approve", true)}
            {may("publish") && button("publish", true)}
            {!isOver && isFull && button("check")}
            {may("withdraw") && button("withdraw")}
            {may("discard") && button("discard")}
          </div>

          {verdicts.length > 0 && (
            <section className="draft-check" aria-label={t("drafts.check")}>
              <p className={`note ${bad === 0 ? "good" : "warn"}`} role="status">{bad === 0 ? `✓ ${t("work.sound", { count: verdicts.length })}` : `△ ${t("work.unsound", { count: bad })}`}</p>
              {conflicts.map((one) => <DraftConflict key={one.op_id} draft={draft} conflict={one} onDone={() => { setRefused(null); again(); }} />)}
              {verdicts.filter((one) => one.outcome !== "conflict" && findingsOf(one).length > 0).map((one) => (
                <div key={one.op_id} data-op={one.op_id}>
                  <b>{name(one.op_id)}</b><Findings findings={findingsOf(one)} />
                  {/* Ended by somebody else, or split or merged: nothing can be drawn on it any more. */}
                  {findingsOf(one).filter((found) => found.rule === "exists").map((found) => (
                    <div key={found.rule} className="row-buttons">
                      {found.other && found.other_layer && <button type="button" className="button" onClick={() => next(found)}>{t("drafts.openNext")}</button>}
                      {may("resolve") && <button type="button" className="button" disabled={leave.isPending} onClick={() => leave.mutate(one.op_id)}>{t("drafts.leave")}</button>}
                    </div>
                  ))}
                </div>
              ))}
            </section>
          )}

          {isFull && !isOver && <DraftDiff draft={draft} mayEdit={may("edit")} again={again} />}
          {isFull && !isOver && <DraftImpact id={id} revision={draft.revision} />}

          {(draft.comments.length > 0 || may("comment")) && <h3>{t("drafts.comments")}</h3>}
          <ul className="comments">
            {draft.comments.map((one, at) => <li key={at}><p>{one.text}</p><p className="quiet">{one.by} · {moment(one.at, lang)} {one.place && <button type="button" className="link" onClick={() => one.place && show({ at: one.place })}>{t("work.place")}</button>}</p></li>)}
          </ul>
          {(may("return") || may("comment")) && (
            <div className="work-send">
              <label className="unseen" htmlFor="draft-text">{t("drafts.comment")}</label>
              <textarea id="draft-text" rows={2} maxLength={4000} value={text} placeholder={t("drafts.commentHint")} onChange={(event) => setText(event.target.value)} />
              <div className="row-buttons">
                {may("comment") && <button type="button" className="button" disabled={!text.trim() || act.isPending} onClick={() => act.mutate("comment")}>{t("drafts.say")}</button>}
                {may("return") && <button type="button" className="button" disabled={!text.trim() || act.isPending} onClick={() => act.mutate("return")}>{t("drafts.return")}</button>}
              </div>
              <p className="quiet">{t("drafts.atCentre")}</p>
              {text.trim() !== "" && middle && createPortal(<span className="aim" aria-hidden="true" />, middle)}
            </div>
          )}
        </>
      )}
    </section>
  );
}
