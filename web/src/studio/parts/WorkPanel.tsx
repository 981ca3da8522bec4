import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { boxOf } from "../../kit/geometry/box";
import { problemWords } from "../../kit/ui/problem";
import { draftsApi, Refusal, studioApi, type Verdict } from "../api";
import { dropped, keyOf, operation, type Pending } from "../state/work";
import { useStudio } from "../StudioContext";
import { ConflictView } from "./ConflictView";
import { Findings, findingsOf, labelOf } from "./FormPanel";

/** What is not yet published: checked, saved into a draft, published; and what came of it, one by one. */
export function WorkPanel() {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, list, verdicts, setVerdicts, controller, draft, setDraft, map } = useStudio();
  const questions = useQueryClient();
  const [reason, setReason] = useState("");
  const [said, setSaid] = useState<{ text: string; good: boolean } | null>(null);
  const [chosenTarget, setTarget] = useState<string | null>(null);
  const items = [...list.work.items.entries()];
  const pendings = items.map(([, pending]) => pending);
  const drafts = useQuery({ queryKey: ["drafts"], queryFn: ({ signal }) => draftsApi.list(signal), retry: false });
  const own = (drafts.data?.drafts ?? []).filter((one) => one.mine && (one.state === "open" || one.state === "returned"));
  // Whoever has a draft open goes on with that one.
  const target = chosenTarget ?? own.find((one) => one.id === draft)?.id ?? "";

  const send = useMutation({
    // What is sent travels with the question: the list may have gone on when the answer comes.
    mutationFn: ({ dryRun, sent }: { dryRun: boolean; sent: Pending[] }) => studioApi.publish({ reason: reason.trim() || t("work.checkReason"), dry_run: dryRun, atomic: true, on_conflict: "refuse", operations: sent.map(operation) }),
    onMutate: () => setSaid(null),
    onSuccess: (answer, { dryRun, sent }) => {
      setVerdicts(answer.results);
      if (dryRun) {
        const bad = answer.results.filter((one) => one.outcome === "refused" || one.outcome === "conflict").length;
        setSaid(bad === 0 ? { text: t("work.sound", { count: answer.results.length }), good: true } : { text: t("work.unsound", { count: bad }), good: false });
        return;
      }
      list.settle(sent, new Map(answer.results.flatMap((one) => ("version" in one && typeof one.version === "number" ? [[one.op_id, one.version] as const] : []))));
      setReason("");
      setSaid({ text: t("work.published", { count: answer.results.length }), good: true });
      controller?.refresh(true);
      void questions.invalidateQueries({ queryKey: ["items"] });
    },
    onError: (cause) => {
      if (cause instanceof Refusal) setVerdicts(cause.results);
    },
  });
  const save = useMutation({
    mutationFn: async ({ sent }: { sent: Pending[] }) => {
      const id = target || (await draftsApi.make(reason.trim().slice(0, 200) || t("drafts.unnamed"))).id;
      const answer = await draftsApi.add(id, sent.map(operation));
      return { id, answer };
    },
    onMutate: () => setSaid(null),
    onSuccess: ({ id, answer }, { sent }) => {
      setVerdicts(answer.results);
      list.settle(sent);
      setReason("");
      setSaid({ text: t("drafts.saved", { count: sent.length }), good: true });
      void questions.invalidateQueries({ queryKey: ["drafts"] });
      void questions.invalidateQueries({ queryKey: ["draft", id] });
      setDraft(id);
      map?.refreshAll();
    },
    onError: (cause) => {
      if (cause instanceof Refusal) setVerdicts(cause.results);
    },
  });
  const busy = send.isPending || save.isPending;
  const failed = send.error ?? save.error;
  const words = failed ? problemWords(failed, lang, kit) : null;
  const conflicts = items.flatMap(([key, pending]) => {
    const verdict = verdicts.get(pending.opId);
    return verdict?.outcome === "conflict" ? [{ key, pending, conflict: verdict }] : [];
  });
  return (
    <section className="work" aria-label={t("panels.work")}>
      {said && <p className={`note ${said.good ? "good" : "warn"}`} role="status">{said.good ? "✓" : "△"} {said.text}</p>}
      {words && <p className="note bad" role="alert">✕ {words.title} {failed instanceof Refusal && failed.results.length > 0 ? t("work.nothingWritten") : words.hint}</p>}
      {items.length === 0 ? <p className="quiet pad">{t("work.none")}</p> : (
        <>
          <div className="work-send">
            <label htmlFor="reason">{t("work.reason")}</label>
            <textarea id="reason" rows={2} value={reason} maxLength={2000} placeholder={t("work.reasonHint")} onChange={(event) => setReason(event.target.value)} />
            <div className="row-buttons">
              <button type="button" className="button" disabled={busy} onClick={() => send.mutate({ dryRun: true, sent: pendings })}>{t("work.check")}</button>
              <button type="button" className="button main" disabled={busy || reason.trim() === ""} title={reason.trim() === "" ? t("work.needsReason") : undefined} onClick={() => send.mutate({ dryRun: false, sent: pendings })}>{t("work.publish", { count: items.length })}</button>
            </div>
            {!drafts.isError && (
              <div className="row-buttons draft-target">
                <select aria-label={t("drafts.target")} value={target} onChange={(event) => setTarget(event.target.value)}>
                  <option value="">{t("drafts.newOne")}</option>
                  {own.map((one) => <option key={one.id} value={one.id}>{one.name}{one.id === draft ? " ●" : ""}</option>)}
                </select>
                <button type="button" className="button" disabled={busy} onClick={() => save.mutate({ sent: pendings })}>{t("drafts.save")}</button>
              </div>
            )}
          </div>
          {conflicts.map(({ key, pending, conflict }) => <ConflictView key={pending.opId} itemKey={key} pending={pending} conflict={conflict} />)}
          <ul className="work-list">
            {items.map(([key, pending]) => <WorkItem key={key} pending={pending} verdict={verdicts.get(pending.opId)} />)}
          </ul>
        </>
      )}
    </section>
  );
}

function WorkItem({ pending, verdict }: { pending: Pending; verdict: Verdict | undefined }) {
  const { t } = useTranslation("studio");
  const { lang, list, tables, choose, show } = useStudio();
  const layer = tables.find((one) => one.name === pending.layer);
  const label = labelOf({ ...pending.seen?.values, ...pending.set }, pending.id);
  const shape = pending.shape ?? pending.seen?.shape;
  const what = pending.op === "update" ? [Object.keys(pending.set).length > 0 ? t("work.attributes", { count: Object.keys(pending.set).length }) : "", pending.geometry ? t("work.geometry") : ""].filter(Boolean).join(", ") : "";
  return (
    <li data-op={pending.op} data-outcome={verdict?.outcome ?? "none"}>
      <button type="button" className="work-item" onClick={() => { choose(pending.layer, [pending.id]); const box = shape && boxOf([shape]); if (box) show({ box }); }}>
        <b>{t(`work.op.${pending.op}`)}</b> {pick(layer?.title, lang)} <b>{label}</b>{what && <span className="quiet"> · {what}</span>}
        {verdict && <span className={`verdict ${verdict.outcome}`}>{t(`work.outcome.${verdict.outcome}`)}</span>}
      </button>
      <button type="button" className="link" onClick={() => list.take(dropped(list.work, keyOf(pending.layer, pending.id)))}>{t("work.drop")}</button>
      <Findings findings={findingsOf(verdict)} />
    </li>
  );
}
