import { IconFocusCentered, IconPhoto } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { CityMap } from "../../kit/map/adapter";
import { layUnder, setUnderlayOpacity, Swipe, type Underlay } from "../../kit/map/underlay";
import { useDrawWords } from "./useDraw";
import "./draw.css";

async function underlaysOf(signal: AbortSignal): Promise<Underlay[]> {
  const response = await fetch("/api/v1/underlays", { headers: { accept: "application/json" }, signal });
  if (!response.ok) throw new Error(`underlays answered ${response.status}`);
  return (await response.json()) as Underlay[];
}

interface Props {
  map: CityMap | null;
  /** Another page of the panel is open; the picture stays on the map. */
  hidden: boolean;
  onGo: (box: [number, number, number, number]) => void;
}

/** The pictures that the administrator named or tiled: one at a time, its opacity, and a line to compare it with the map. */
export function Underlays({ map, hidden, onGo }: Props) {
  const { t, lang } = useDrawWords();
  const list = useQuery({ queryKey: ["underlays"], queryFn: ({ signal }) => underlaysOf(signal) });
  const [name, setName] = useState<string | null>(null);
  const [opacity, setOpacity] = useState(0.8);
  const [compares, setCompares] = useState(false);
  const chosen = list.data?.find((one) => one.name === name) ?? null;

  useEffect(() => {
    if (!map) return;
    layUnder(map.inner, compares ? null : chosen);
    return () => layUnder(map.inner, null);
  }, [map, chosen, compares]);
  useEffect(() => {
    if (map) setUnderlayOpacity(map.inner, opacity);
  }, [map, opacity, chosen, compares]);
  useEffect(() => {
    if (!map || !chosen || !compares) return;
    const swipe = new Swipe(map.inner, chosen, t("underlay.swipeAt"));
    return () => swipe.remove();
  }, [map, chosen, compares, t]);

  if (list.isError) return <p className="underlay-word" hidden={hidden}>{t("underlay.failed")}</p>;
  if (!list.data) return null;
  if (list.data.length === 0) return <p className="underlay-word" hidden={hidden}>{t("underlay.none")}</p>;
  return (
    <fieldset className="underlay" hidden={hidden}>
      <legend><IconPhoto size={18} aria-hidden="true" /> {t("underlay.title")}</legend>
      <select aria-label={t("underlay.title")} value={name ?? ""} onChange={(event) => setName(event.target.value || null)}>
        <option value="">{t("underlay.off")}</option>
        {list.data.map((one) => <option key={one.name} value={one.name}>{one.title[lang]}</option>)}
      </select>
      {chosen && (
        <>
          {chosen.bounds && <button type="button" className="underlay-go" onClick={() => chosen.bounds && onGo(chosen.bounds)}><IconFocusCentered size={18} aria-hidden="true" /> {t("underlay.go")}</button>}
          {!compares && <label>{t("underlay.opacity")} <input type="range" min={0} max={1} step={0.05} value={opacity} onChange={(event) => setOpacity(Number(event.target.value))} /> <output>{Math.round(opacity * 100)} %</output></label>}
          <label className="underlay-check"><input type="checkbox" checked={compares} onChange={(event) => setCompares(event.target.checked)} /> {t("underlay.swipe")}</label>
          {compares && <small>{t("underlay.swipeHow")}</small>}
          {chosen.attribution && <small>{chosen.attribution}</small>}
        </>
      )}
    </fieldset>
  );
}
