import { area, number } from "../../kit/format/format";
import type { DrawController } from "./controller";
import { useDraw, useDrawWords } from "./useDraw";
import "./draw.css";

/** Size and faults of what is being drawn, fresh at every move; a fault leads to its place. */
export function DrawProblems({ controller }: { controller: DrawController }) {
  const { t, lang } = useDrawWords();
  const view = useDraw(controller);
  const drawn = view.drawn;
  if (!drawn || !view.subject) return null;
  const corners = drawn.geometry ? cornersIn(drawn.geometry) : (view.open?.length ?? 0);
  // Before the first corner nothing is wrong yet.
  const begun = drawn.canUndo || drawn.geometry !== null;
  return (
    <section className="draw-state" aria-label={t("problems.title")}>
      {view.kind !== "point" && (
        <dl className="draw-size">
          {view.kind === "polygon" && <div><dt>{t("size.area")} ({t(controller.srid ? "size.legal" : "size.plane")})</dt><dd data-area={drawn.area.toFixed(3)}>{drawn.area < 1000 ? `${number(drawn.area, lang, 2)} m²` : area(drawn.area, lang)}</dd></div>}
          <div><dt>{t(view.kind === "polygon" ? "size.perimeter" : "size.length")}</dt><dd>{number(drawn.length, lang, 2)} m</dd></div>
          <div><dt className="unseen">{t("size.corners", { count: corners })}</dt><dd>{t("size.corners", { count: corners })}</dd></div>
        </dl>
      )}
      <ul className="draw-problems" aria-live="polite">
        {!begun && <li className="quiet">{t("problems.empty")}</li>}
        {begun && drawn.problems.length === 0 && drawn.geometry !== null && <li className="draw-sound">✓ {t("problems.none")}</li>}
        {begun && drawn.problems.map((problem, i) => (
          <li key={`${problem.rule}${i}`} data-rule={problem.rule} className={problem.effect}>
            <span>{problem.effect === "refuse" ? "✕" : "△"} {t(`problems.${problem.rule === "none" ? "empty" : problem.rule}`, { ...problem.values })} <small>{t(`problems.${problem.effect}`)}</small></span>
            {problem.place && <button type="button" className="button bare" onClick={() => controller.goTo(problem.place!)}>{t("problems.go")}</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function cornersIn(geometry: GeoJSON.Geometry): number {
  switch (geometry.type) {
    case "Polygon": return geometry.coordinates.reduce((sum, ring) => sum + ring.length - 1, 0);
    case "MultiPolygon": return geometry.coordinates.flat().reduce((sum, ring) => sum + ring.length - 1, 0);
    case "LineString": case "MultiPoint": return geometry.coordinates.length;
    case "MultiLineString": return geometry.coordinates.flat().length;
    default: return 1;
  }
}
