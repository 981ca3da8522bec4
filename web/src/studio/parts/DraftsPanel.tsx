import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemWords } from "../../kit/ui/problem";
import { type DraftHead, draftsApi } from "../api";
import { moment } from "../../kit/format/format";
import { useStudio } from "../StudioContext";
import { OneDraft } from "./OneDraft";

/** How often drafts are looked at again: others review them meanwhile. */
export const AGAIN = 10_000;

/** Drafts one keeps, reads or reviews. */
export function DraftsPanel() {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, draft, setDraft } = useStudio();
  const questions = useQueryClient();
  const [title, setTitle] = useState("");
  const list = useQuery({ queryKey: ["drafts"], queryFn: ({ signal }) => draftsApi.list(signal), retry: false, refetchInterval: AGAIN });
  const make = useMutation({
    mutationFn: () => draftsApi.make(title.trim()),
    onSuccess: (made) => {
      setTitle("");
      void questions.invalidateQueries({ queryKey: ["drafts"] });
      setDraft(made.id);
    },
  });
  if (draft) return <OneDraft key={draft} id={draft} onClose={() => setDraft(null)} />;
  const failed = list.error ?? make.error;
  const words = failed ? problemWords(failed, lang, kit) : null;
  const drafts = list.data?.drafts ?? [];
  const isOver = (one: DraftHead) => one.state === "published" || one.state === "discarded";
  const groups = [
    { name: "toReview", drafts: drafts.filter((one) => !one.mine && one.state === "in_review") },
    { name: "mine", drafts: drafts.filter((one) => one.mine && !isOver(one)) },
    { name: "others", drafts: drafts.filter((one) => !one.mine && one.state !== "in_review" && !isOver(one)) },
    { name: "over", drafts: drafts.filter(isOver) },
  ].filter((group) => group.drafts.length > 0);
  return (
    <section className="drafts">
      <form className="draft-new" onSubmit={(event) => { event.preventDefault(); if (title.trim()) make.mutate(); }}>
        <input value={title} maxLength={200} placeholder={t("drafts.name")} aria-label={t("drafts.name")} onChange={(event) => setTitle(event.target.value)} />
        <button className="button" disabled={!title.trim() || make.isPending}>{t("drafts.make")}</button>
      </form>
      {words && <p className="failed" role="alert">{words.title} {words.hint}</p>}
      {list.isSuccess && drafts.length === 0 && <p className="quiet">{t("drafts.none")}</p>}
      {groups.map((group) => (
        <section key={group.name} data-group={group.name}>
          <h3>{t(`drafts.group.${group.name}`)}</h3>
          <ul>
            {group.drafts.map((one) => (
              <li key={one.id}>
                <button type="button" className="draft-line" onClick={() => setDraft(one.id)}>
                  <b>{one.name}</b><span className={`state ${one.state}`}>{t(`drafts.state.${one.state}`)}</span>
                  <small className="quiet">{one.mine ? "" : `${one.owner.name || one.owner.account} · `}{t("drafts.operations", { count: one.operations })} · {moment(one.changed_at, lang)}</small>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}
