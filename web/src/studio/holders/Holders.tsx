import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { problemWords } from "../../kit/ui/problem";
import { call } from "../api";
import { useStudio } from "../StudioContext";
import "./words";

interface Holder {
  party: string;
  kind: "person" | "household" | "organisation";
  name: string | null;
  id_kind: string | null;
  id_number: string | null;
  birth_year: number | null;
  phone: string | null;
  email: string | null;
  address: string | null;
  relation: "right" | "restriction" | "responsibility";
  share: string | null;
  certificate_number: string | null;
  erased_at: string | null;
}

/** Who has rights in a parcel, once it is said why. Nothing is kept: another parcel, or coming back, asks again. */
export function Holders({ id }: { id: string }) {
  const { t } = useTranslation("holders");
  const { t: kit } = useTranslation();
  const { lang } = useStudio();
  const look = useMutation({
    mutationFn: (purpose: string) => call<{ holders: Holder[] }>("POST", `/api/v1/parcels/${id}/holders`, { purpose }),
    gcTime: 0,
  });
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    look.mutate(String(new FormData(event.currentTarget).get("purpose") ?? ""));
  };
  // The form goes with its answer: whoever typed reads on at the heading.
  const heading = useRef<HTMLHeadingElement>(null);
  const isTold = look.data !== undefined;
  useEffect(() => {
    if (isTold) heading.current?.focus();
  }, [isTold]);
  const words = look.error ? problemWords(look.error, lang, kit) : null;
  return (
    <div className="history holders">
      <h3 ref={heading} tabIndex={-1}>{t("title")}</h3>
      {!look.data && (
        <form className="work-send" onSubmit={send}>
          <label htmlFor="purpose">{t("why")}</label>
          <input id="purpose" name="purpose" required minLength={5} maxLength={500} autoFocus autoComplete="off" />
          <p className="quiet">{t("note")}</p>
          <button className="button main" disabled={look.isPending}>{t("go")}</button>
        </form>
      )}
      {words && <p className="note bad" role="alert">✕ {words.title} {words.hint}</p>}
      {look.data && <p className="quiet">{t("kept", { purpose: look.variables })}</p>}
      {look.data?.holders.length === 0 && <p role="status">{t("none")}</p>}
      <ul aria-live="polite">{look.data?.holders.map((one) => <li key={`${one.party}-${one.relation}`}><One holder={one} /></li>)}</ul>
    </div>
  );
}

function One({ holder }: { holder: Holder }) {
  const { t } = useTranslation("holders");
  if (holder.erased_at) return <p className="quiet">{t("erased")}</p>;
  const facts = [
    t(`kind.${holder.kind}`), t(`relation.${holder.relation}`), holder.share && t("share", { share: holder.share }),
    holder.certificate_number && t("certificate", { number: holder.certificate_number }),
    holder.birth_year && t("born", { year: holder.birth_year }),
  ].filter(Boolean);
  const ways = [
    ["paper", [holder.id_kind, holder.id_number].filter(Boolean).join(" ")], ["phone", holder.phone], ["mail", holder.email], ["address", holder.address],
  ] as const;
  return (
    <>
      <p><b>{holder.name}</b></p>
      <p>{facts.join(" · ")}</p>
      <dl>{ways.map(([way, value]) => value && <div key={way}><dt>{t(way)}</dt><dd>{value}</dd></div>)}</dl>
    </>
  );
}
