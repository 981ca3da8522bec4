import type { UseQueryResult } from "@tanstack/react-query";
import { IconLink, IconPrinter, IconX, IconZoomIn } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem, type Question } from "../../kit/api/client";
import type { Catalog, LookupAnswer, SearchResult } from "../../kit/api/types";
import { distance, type Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { Details } from "./Details";
import { Gone } from "./Gone";

interface Props {
  lang: Lang;
  catalog: Catalog | null;
  question: Question | null;
  /** What the search found, until a spot is asked about. */
  found: SearchResult | null;
  lookup: UseQueryResult<LookupAnswer>;
  /** Where a plot lay that may have gone. */
  place: { lon: number; lat: number } | null;
  /** Within how many metres the asked spot is known, where that leaves open which plot it is. */
  withinM: number | null;
  /** The map is too small to see the plot. */
  isFar: boolean;
  onZoom: () => void;
  onOpen: (place: { lon: number; lat: number }) => void;
  onClose: () => void;
  onPrint: () => void;
}

/** Whether the plot that was asked for is not there (any more). */
export const isGone = (question: Question | null, cause: unknown) =>
  question?.kind === "parcel" && cause instanceof Problem && cause.status === 404;

/** The panel: first one sentence, then on what ground, then everything else to unfold. */
export function Answer({ lang, catalog, question, found, lookup, place, withinM, isFar, onZoom, onOpen, onClose, onPrint }: Props) {
  const { t } = useTranslation();
  if (question === null) {
    return found ? <Found lang={lang} result={found} onClose={onClose} /> : <Welcome lang={lang} catalog={catalog} />;
  }
  if (lookup.isPending) return <Ghost />;
  if (isGone(question, lookup.error)) return <Gone lang={lang} place={place} onOpen={onOpen} onClose={onClose} />;
  if (lookup.isError && !lookup.data) {
    const words = problemWords(lookup.error, lang, t);
    return (
      <div className="answer" role="alert">
        <p className="answer-first" tabIndex={-1}>{words.title}</p>
        <p className="answer-ground">{words.hint}</p>
        <div className="answer-actions">
          <button type="button" className="button" onClick={() => void lookup.refetch()}>{t("panel.retry")}</button>
          <button type="button" className="button bare" onClick={onClose}>{t("panel.close")}</button>
        </div>
      </div>
    );
  }
  const answer = lookup.data;
  if (!answer) return null;
  return (
    <article className="answer">
      <div aria-live="polite">
        <p className="answer-first" tabIndex={-1}>{pick(answer.answer, lang)}</p>
        {answer.ground && <p className="answer-ground">{pick(answer.ground, lang)}</p>}
        {answer.beside && <p className="answer-beside">{pick(answer.beside, lang)}</p>}
        {withinM !== null && <p className="found-note">{t("panel.within", { metres: distance(withinM, lang) })}</p>}
      </div>
      <p className="answer-marks">
        <span className="mark">{pick(answer.disclaimer, lang)}</span>
        {answer.illustrative && <span className="mark hatched">{t("panel.illustrative")}</span>}
      </p>
      <div className="answer-actions">
        {isFar && answer.parcels.length > 0 && <button type="button" className="button" onClick={onZoom}><IconZoomIn size={20} stroke={1.6} aria-hidden="true" />{t("panel.zoomToPlot")}</button>}
        <ShareButton />
        <button type="button" className="button" onClick={onPrint}><IconPrinter size={20} stroke={1.6} aria-hidden="true" />{t("panel.print")}</button>
        <button type="button" className="button bare end" onClick={onClose}><IconX size={20} stroke={1.6} aria-hidden="true" />{t("panel.close")}</button>
      </div>
      {found?.note && <p className="found-note">{pick(found.note, lang)}</p>}
      <Details answer={answer} catalog={catalog} lang={lang} />
    </article>
  );
}

function Welcome({ lang, catalog }: { lang: Lang; catalog: Catalog | null }) {
  const { t } = useTranslation();
  const place = catalog?.place;
  return (
    <div className="answer">
      <p className="answer-first calm">{t("panel.welcome")}</p>
      {place?.illustrative && (
        <p className="answer-ground"><span className="mark hatched">{t("panel.illustrative")}</span> {lang === "vi" ? place.name_vi : place.name_en}: {t("panel.illustrativeNote")}</p>
      )}
    </div>
  );
}

function Found({ lang, result, onClose }: { lang: Lang; result: SearchResult; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="answer" aria-live="polite">
      <p className="answer-first" tabIndex={-1}>{pick(result.titles, lang)}</p>
      <p className="answer-ground">{result.layer === null && result.kind === "admin_unit" ? pick(result.subtitle, lang) : `${t(`search.kind.${result.kind}`)}${result.subtitle ? ` · ${pick(result.subtitle, lang)}` : ""}`}</p>
      {result.note && <p className="found-note">{pick(result.note, lang)}</p>}
      <div className="answer-actions"><button type="button" className="button bare" onClick={onClose}><IconX size={20} stroke={1.6} aria-hidden="true" />{t("panel.close")}</button></div>
    </div>
  );
}

function Ghost() {
  const { t } = useTranslation();
  return (
    <div className="answer" role="status">
      <span className="unseen">{t("panel.loading")}</span>
      <div className="answer-first" aria-hidden="true"><span className="ghost" /><span className="ghost" /><span className="ghost short" /></div>
      <div className="answer-ground" aria-hidden="true"><span className="ghost" /></div>
      <div className="ghost-rows" aria-hidden="true"><span className="ghost" /><span className="ghost" /><span className="ghost short" /></div>
    </div>
  );
}

function ShareButton() {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const wait = setTimeout(() => setDone(false), 2500);
    return () => clearTimeout(wait);
  }, [done]);
  const copy = () => {
    navigator.clipboard?.writeText(location.href).then(() => setDone(true), () => prompt(t("panel.share"), location.href));
    if (!navigator.clipboard) prompt(t("panel.share"), location.href);
  };
  return (
    <button type="button" className="button" onClick={copy}>
      <IconLink size={20} stroke={1.6} aria-hidden="true" />
      <span aria-live="polite">{done ? t("panel.shared") : t("panel.share")}</span>
    </button>
  );
}
