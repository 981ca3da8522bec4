import type { StyleSpecification } from "maplibre-gl";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Place } from "../kit/api/types";
import type { Lang } from "../kit/format/format";
import type { CityMap, View } from "../kit/map/adapter";
import { readPermalink } from "../kit/url/permalink";

export type MapState = { kind: "loading" } | { kind: "ready"; map: CityMap; style: StyleSpecification } | { kind: "failed" };

interface Props {
  lang: Lang;
  place: Place | null;
  state: MapState;
  onState: (state: MapState) => void;
  onAsk: (lon: number, lat: number, more: boolean) => void;
  onMove: (view: View) => void;
}

async function styleOf(): Promise<StyleSpecification> {
  const response = await fetch("/styles/city.json");
  if (!response.ok) throw new Error(`the style answered ${response.status}`);
  return (await response.json()) as StyleSpecification;
}

/** Begun with the page: the map's code travels beside it. */
const adapter = import("../kit/map/adapter");
adapter.catch(() => undefined);

export function StudioMap({ lang, place, state, onState, onAsk, onMove }: Props) {
  const { t } = useTranslation();
  const container = useRef<HTMLDivElement>(null);
  const latest = useRef({ onAsk, onMove });
  useEffect(() => {
    latest.current = { onAsk, onMove };
  });

  useEffect(() => {
    let map: CityMap | null = null;
    let gone = false;
    void (async () => {
      try {
        const [{ CityMap }, style] = await Promise.all([adapter, styleOf()]);
        if (gone || !container.current) return;
        const view = readPermalink(location.hash).view ?? (place ? { lon: place.centre[0], lat: place.centre[1], zoom: place.zoom } : null);
        const created = new CityMap(container.current, {
          style, lang, view, bounds: null, label: t("map.label"),
          listener: {
            asked: (lon, lat, { more }) => latest.current.onAsk(lon, lat, more),
            moved: (now) => latest.current.onMove(now),
            ready: () => onState({ kind: "ready", map: created, style }),
          },
        });
        map = created;
        (window as { dothiMap?: CityMap }).dothiMap = created;
      } catch {
        if (!gone) onState({ kind: "failed" });
      }
    })();
    const resized = new ResizeObserver(() => map?.resize());
    if (container.current) resized.observe(container.current);
    return () => {
      gone = true;
      resized.disconnect();
      map?.remove();
    };
    // The map is made once; what changes later reaches it through its own methods.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  return (
    <div className="studio-map">
      <div ref={container} className="map" />
      {state.kind === "loading" && <p className="map-word" role="status">{t("map.loading")}</p>}
      {state.kind === "failed" && <p className="map-word failed" role="alert">{t("map.failed")}</p>}
    </div>
  );
}
