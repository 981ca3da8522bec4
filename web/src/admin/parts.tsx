import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../kit/api/client";
import type { Lang } from "../kit/format/format";
import { pick } from "../kit/i18n";
import { problemWords } from "../kit/ui/problem";

/** The language that the page speaks. */
export function useLang(): Lang {
  const { i18n } = useTranslation();
  return i18n.language === "en" ? "en" : "vi";
}

/** Names of communes by their codes, as the search knows them; a code that it does not know stays a code. */
export function useUnitNames(codes: readonly string[]): (code: string) => string {
  const lang = useLang();
  const asked = [...new Set(codes)].slice(0, 20);
  const names = useQueries({
    queries: asked.map((code) => ({ queryKey: ["unit", code], queryFn: ({ signal }: { signal: AbortSignal }) => api.search(code, null, signal), staleTime: Infinity })),
  });
  return (code) => {
    const unit = names[asked.indexOf(code)]?.data?.results.find((result) => result.kind === "admin_unit" || result.kind === "former_unit");
    return unit ? pick(unit.titles, lang) : code;
  };
}

/** Runs what a person asked for, keeps the button shut meanwhile, and holds what went wrong. */
export function useDoing(): { busy: boolean; failed: unknown; run: (what: () => Promise<unknown>) => Promise<boolean> } {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const run = async (what: () => Promise<unknown>) => {
    setBusy(true);
    setFailed(null);
    try {
      await what();
      return true;
    } catch (cause) {
      setFailed(cause);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failed, run };
}

/** Why it did not work. */
export function Failed({ cause }: { cause: unknown }) {
  const { t } = useTranslation();
  const lang = useLang();
  if (!cause) return null;
  const words = problemWords(cause, lang, t);
  return <p className="failed" role="alert">{words.title}. {words.hint}</p>;
}

/** A button that asks once more before it does what cannot be taken back. */
export function Sure({ label, onSure, disabled }: { label: string; onSure: () => void; disabled?: boolean }) {
  const { t } = useTranslation("admin");
  const [asked, setAsked] = useState(false);
  return (
    <button type="button" className="button" disabled={disabled} onBlur={() => setAsked(false)}
      onClick={() => (asked ? (setAsked(false), onSure()) : setAsked(true))}>
      {asked ? t("person.sure") : label}
    </button>
  );
}

/** A secret that is shown once. */
export function Once({ title, lines, onClose }: { title: string; lines: string[]; onClose: () => void }) {
  const { t } = useTranslation("admin");
  return (
    <div className="once" role="status">
      <p><strong>{title}</strong> {t("once")}</p>
      <ul>{lines.map((line) => <li key={line}><code>{line}</code></li>)}</ul>
      <button type="button" className="button" onClick={onClose}>{t("close")}</button>
    </div>
  );
}
