import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Catalog, LookupAnswer, Nearby, Parcel, Plan, PlanLine, Zone } from "../../kit/api/types";
import { area, date, distance, latLon, number, share, type Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { attributeWords } from "./codes";
import { planName, plansOf } from "./plans";

interface Shared { catalog: Catalog | null; lang: Lang }

/** Everything behind the first sentence, to unfold part by part. */
export function Details({ answer, catalog, lang }: Shared & { answer: LookupAnswer }) {
  const { t } = useTranslation();
  const shared = { catalog, lang };
  const plans = plansOf(answer);
  // "Thửa đất: Thửa đất (dữ liệu minh họa)" says one thing twice.
  const titleOf = (layer: string, name: string) => {
    const title = pick(catalog?.layers.find((one) => one.name === layer)?.title ?? null, lang) || layer;
    return title === "" || name.startsWith(title) ? "" : `${title}: `;
  };
  return (
    <div className="details">
      {answer.parcels.length > 1 && <p className="many">{t("panel.manyParcels", { count: answer.parcels.length })}</p>}
      {answer.parcels.map((parcel) => <ParcelPart key={parcel.id} parcel={parcel} {...shared} />)}
      {answer.parcels.length === 0 && answer.zones.length > 0 && (
        <Part title={t("panel.zones")} open><Zones zones={answer.zones} lang={lang} /></Part>
      )}
      {plans.length > 0 && <Part title={t("panel.plans")} count={plans.length}>{plans.map((plan) => <PlanPart key={plan.id} plan={plan} lang={lang} />)}</Part>}
      {answer.works.length > 0 && <Part title={t("panel.works")} count={answer.works.length}><NearList items={answer.works} {...shared} /></Part>}
      {answer.around.length > 0 && <Part title={t("panel.around")}><NearList items={answer.around} {...shared} /></Part>}
      {answer.missing.length > 0 && (
        <Part title={t("panel.missing")} count={answer.missing.length}>
          <ul className="lines">{answer.missing.map((gap) => <li key={gap.layer}>{pick(gap.text, lang)}</li>)}</ul>
          <p className="quiet">{t("panel.missingNote")}</p>
        </Part>
      )}
      <Part title={t("panel.position")}>
        <dl className="facts">
          {answer.vn2000 && <Fact term={answer.vn2000.name}><span className="nowrap">{t("panel.north")} {number(answer.vn2000.x_north, lang, 2)}</span><br /><span className="nowrap">{t("panel.east")} {number(answer.vn2000.y_east, lang, 2)}</span></Fact>}
          {answer.vn2000_note && <Fact term="VN-2000">{pick(answer.vn2000_note, lang)}</Fact>}
          <Fact term="WGS 84">{latLon(answer.at.lat, answer.at.lon)}</Fact>
          {answer.unit && <Fact term={t("panel.unit")}>{answer.unit.name}{answer.unit.province ? `, ${answer.unit.province}` : ""}{answer.unit.former.length > 0 && <><br /><span className="quiet">{t("panel.former", { names: answer.unit.former.join(", ") })}</span></>}</Fact>}
        </dl>
      </Part>
      <Part title={t("panel.sources")}>
        <ul className="lines">
          {answer.sources.map((source) => (
            <li key={`${source.layer}-${source.name ?? ""}`}>
              {titleOf(source.layer, pick(source.names, lang))}{pick(source.names, lang) || t("panel.unknown")}
              {source.date && <span className="quiet"> · {date(source.date)}</span>}
            </li>
          ))}
        </ul>
        <p className="quiet">{t("panel.asOf", { date: date(answer.date) })}</p>
      </Part>
    </div>
  );
}

function Part({ title, count, open = false, children }: { title: string; count?: number; open?: boolean; children: ReactNode }) {
  return (
    <details className="part" open={open}>
      <summary><h2>{title}</h2>{count !== undefined && count > 1 && <span className="count">{count}</span>}</summary>
      <div className="part-body">{children}</div>
    </details>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return <div><dt>{term}</dt><dd>{children}</dd></div>;
}

function ParcelPart({ parcel, catalog, lang }: Shared & { parcel: Parcel }) {
  const { t } = useTranslation();
  return (
    <>
      {parcel.zones.length > 0 && <Part title={t("panel.zones")} open><Zones zones={parcel.zones} lang={lang} /></Part>}
      {parcel.lines.length > 0 && <Part title={t("panel.lines")} count={parcel.lines.length} open><Lines lines={parcel.lines} lang={lang} /></Part>}
      <Part title={t("panel.plot")}>
        <dl className="facts">
          <Fact term={t("panel.plot")}>{t("panel.plotTitle", { number: parcel.number ?? "?", sheet: parcel.sheet ?? "?" })}{parcel.former_unit ? ` (${t("panel.formerUnit", { unit: parcel.former_unit })})` : ""}</Fact>
          {parcel.area_m2 !== null && <Fact term={t(parcel.area_kind === "legal" ? "panel.areaLegal" : "panel.areaGeodesic")}>{area(parcel.area_m2, lang)}</Fact>}
          {parcel.land_use.map((use) => (
            <Fact key={use.code} term={t("panel.landUse")}><Swatch colour={use.colour} /> {use.code} · {pick(use.title, lang)}{use.area_m2 !== null && use.area_m2 !== undefined ? `, ${area(use.area_m2, lang)}` : ""}</Fact>
          ))}
          {parcel.address.length > 0 && <Fact term={t("panel.address")}>{parcel.address.join("; ")}</Fact>}
          {parcel.official_id && <Fact term={t("panel.officialId")}><code>{parcel.official_id}</code></Fact>}
        </dl>
      </Part>
      {parcel.buildings.length > 0 && <Part title={t("panel.buildings")} count={parcel.buildings.length}><NearList items={parcel.buildings} catalog={catalog} lang={lang} /></Part>}
    </>
  );
}

const Swatch = ({ colour }: { colour: string | null }) => <span className="swatch" style={colour ? { background: colour } : undefined} aria-hidden="true" />;

function Zones({ zones, lang }: { zones: Zone[]; lang: Lang }) {
  const { t } = useTranslation();
  // One bar is one plan: zones of several levels lie on each other and do not add up.
  const speaking = zones[0]?.plan?.id;
  const shares = zones.filter((zone) => (zone.share ?? 0) > 0 && zone.plan?.id === speaking);
  return (
    <>
      {shares.length > 1 && (
        <div className="shares" role="img" aria-label={`${t("panel.zonesShare")}: ${shares.map((zone) => `${zone.code ?? ""} ${share(zone.share ?? 0, lang)}`).join(", ")}`}>
          {shares.map((zone) => <span key={`${zone.layer}-${zone.id}`} style={{ flexGrow: zone.share ?? 0, background: zone.colour ?? undefined }} />)}
        </div>
      )}
      <ul className="zones">{zones.filter((zone) => !zone.within_accuracy).map((zone) => <ZoneItem key={`${zone.layer}-${zone.id}`} zone={zone} lang={lang} />)}</ul>
      <Slivers count={zones.filter((zone) => zone.within_accuracy).length}>
        <ul className="zones">{zones.filter((zone) => zone.within_accuracy).map((zone) => <ZoneItem key={`${zone.layer}-${zone.id}`} zone={zone} lang={lang} />)}</ul>
      </Slivers>
    </>
  );
}

/** What is thinner than the drawing is exact concludes nothing: it is counted, and read only by who asks. */
function Slivers({ count, children }: { count: number; children: ReactNode }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return <details className="slivers"><summary>{t("panel.slivers", { count })}</summary>{children}</details>;
}

function ZoneItem({ zone, lang }: { zone: Zone; lang: Lang }) {
  const { t } = useTranslation();
  return (
          <li>
            <p className="zone-name"><Swatch colour={zone.colour} /><span>{zone.code && <b>{zone.code}</b>} {pick(zone.title, lang)}</span></p>
            {zone.area_m2 !== null && zone.area_m2 !== undefined && (
              <p className="zone-share">{area(zone.area_m2, lang)}{zone.share !== null && zone.share !== undefined ? ` · ${share(zone.share, lang)}` : ""}{zone.within_accuracy ? ` · ${t("panel.withinAccuracy")}` : ""}</p>
            )}
            <Rules zone={zone} lang={lang} />
            {zone.plan && <p className="quiet">{[planName(zone.plan, lang), pick(zone.plan.status_title, lang).toLocaleLowerCase(lang)].filter(Boolean).join(" · ")}</p>}
          </li>
  );
}

function Rules({ zone, lang }: { zone: Zone; lang: Lang }) {
  const { t } = useTranslation();
  const upTo = (value: string) => t("panel.rules.upTo", { value });
  const rows: [string, string][] = [];
  if (zone.storeys_max != null) rows.push([t("panel.rules.storeys"), zone.storeys_min != null && zone.storeys_min !== zone.storeys_max ? t("panel.rules.range", { min: zone.storeys_min, max: zone.storeys_max }) : upTo(t("panel.rules.storeysUnit", { value: number(zone.storeys_max, lang) }))]);
  if (zone.coverage_max_pct != null) rows.push([t("panel.rules.coverage"), upTo(`${number(zone.coverage_max_pct, lang)} %`)]);
  if (zone.far_max != null) rows.push([t("panel.rules.far"), upTo(number(zone.far_max, lang, 2))]);
  if (zone.height_max_m != null) rows.push([t("panel.rules.height"), upTo(`${number(zone.height_max_m, lang)} m`)]);
  if (zone.setback_m != null) rows.push([t("panel.rules.setback"), t("panel.rules.atLeast", { value: `${number(zone.setback_m, lang)} m` })]);
  if (rows.length === 0) return null;
  return <dl className="rules">{rows.map(([term, value]) => <div key={term}><dt>{term}</dt><dd>{value}</dd></div>)}</dl>;
}

function Lines({ lines, lang }: { lines: PlanLine[]; lang: Lang }) {
  return (
    <>
      <ul className="lines">{lines.filter((line) => !line.within_accuracy).map((line) => <LineItem key={line.id} line={line} lang={lang} />)}</ul>
      <Slivers count={lines.filter((line) => line.within_accuracy).length}>
        <ul className="lines">{lines.filter((line) => line.within_accuracy).map((line) => <LineItem key={line.id} line={line} lang={lang} />)}</ul>
      </Slivers>
    </>
  );
}

function LineItem({ line, lang }: { line: PlanLine; lang: Lang }) {
  const { t } = useTranslation();
  return (
        <li>
          <span className={`line-mark ${line.kind}`} aria-hidden="true" />
          <b>{pick(line.title, lang)}</b>{line.road_name ? ` ${line.road_name}` : ""}:{" "}
          {line.cut_m2 !== null && line.cut_m2 > 0 ? t("panel.cut", { area: area(line.cut_m2, lang) }) : t("panel.touches")}
          {line.depth_m !== null && line.depth_m > 0 ? `, ${t("panel.depth", { depth: distance(line.depth_m, lang) })}` : ""}
          {line.within_accuracy ? ` (${t("panel.withinAccuracy")})` : ""}
          {line.plan?.decision_number && <span className="quiet"> · {line.plan.decision_number}</span>}
        </li>
  );
}

function PlanPart({ plan, lang }: { plan: Plan; lang: Lang }) {
  const { t } = useTranslation();
  const scale = plan.scale === null || plan.scale === "" ? "" : String(plan.scale).includes(":") ? String(plan.scale) : `1:${plan.scale}`;
  const rows: [string, string][] = [
    [t("panel.plan.decision"), plan.decision_number ?? ""],
    [t("panel.plan.date"), plan.decision_date ? date(plan.decision_date) : ""],
    [t("panel.plan.authority"), plan.authority ?? ""],
    [t("panel.plan.scale"), scale],
    [t("panel.plan.level"), pick(plan.level_title, lang)],
    [t("panel.plan.status"), pick(plan.status_title, lang)],
    [t("panel.plan.document"), plan.document ?? ""],
  ];
  return (
    <section className="plan">
      <h3>{planName(plan, lang) || t("panel.unknown")}</h3>
      <dl className="facts">{rows.filter(([, value]) => value !== "").map(([term, value]) => <Fact key={term} term={term}>{value}</Fact>)}</dl>
    </section>
  );
}

function NearList({ items, catalog, lang }: Shared & { items: Nearby[] }) {
  const { t } = useTranslation();
  return (
    <ul className="near">
      {items.map((item) => {
        const state = ["state", "use", "kind"].map((name) => attributeWords(catalog, item.layer, name, item.attributes[name], lang)).find(Boolean);
        return (
          <li key={`${item.layer}-${item.id}`}>
            <span><b>{pick(item.title, lang)}</b>{item.label ? ` ${item.label}` : ""}{state && <span className="quiet"> · {state}</span>}</span>
            <span className="near-far">{item.distance_m > 0.5 ? distance(item.distance_m, lang) : t("panel.here")}</span>
          </li>
        );
      })}
    </ul>
  );
}
