import { useTranslation } from "react-i18next";
import type { Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { useLookup } from "../usePortal";

interface Props {
  lang: Lang;
  /** Where the plot lay when the link was made, if the link says so. */
  place: { lon: number; lat: number } | null;
  onOpen: (place: { lon: number; lat: number }) => void;
  onClose: () => void;
}

/** A link to a plot that is no longer there: why that may be, and what lies at its place today. */
export function Gone({ lang, place, onOpen, onClose }: Props) {
  const { t } = useTranslation();
  const today = useLookup(place && { kind: "point", lon: place.lon, lat: place.lat });
  const isPlot = (today.data?.parcels.length ?? 0) > 0;
  return (
    <div className="answer" role="alert">
      <p className="answer-first" tabIndex={-1}>{t("panel.gone.title")}</p>
      <p className="answer-ground">{t("panel.gone.why")}</p>
      {place && today.data && <p className="answer-ground">{t("panel.gone.today")} {pick(today.data.answer, lang)}</p>}
      {!place && <p className="answer-ground">{t("panel.gone.search")}</p>}
      <div className="answer-actions">
        {place && <button type="button" className="button main" onClick={() => onOpen(place)}>{t(isPlot ? "panel.gone.openPlot" : "panel.gone.openPlace")}</button>}
        <button type="button" className="button bare" onClick={onClose}>{t("panel.close")}</button>
      </div>
    </div>
  );
}
