import { IconLasso, IconPointer, IconSquareDashed } from "@tabler/icons-react";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStudio } from "../StudioContext";

export type SelectMode = "click" | "box" | "polygon";

interface Props { mode: SelectMode; onMode: (mode: SelectMode) => void; onPolygon: (corners: [number, number][], more: boolean) => void }

/** How one selects on the map: by a click, by a box, by a polygon. */
export function SelectTools({ mode, onMode, onPolygon }: Props) {
  const { t } = useTranslation("studio");
  const { map, table, drawing } = useStudio();
  if (!map || !table?.geometry || table.geometry === "none" || drawing.of) return null;
  const button = (one: SelectMode, icon: React.ReactNode, key: string) => (
    <button type="button" className="tool" aria-pressed={mode === one} title={`${t(`select.${one}`)} (${key})`} aria-keyshortcuts={key} onClick={() => onMode(one)}>{icon}<span>{t(`select.${one}`)}</span><kbd>{key}</kbd></button>
  );
  return (
    <>
      <div className="select-tools" role="toolbar" aria-label={t("select.label")}>
        {button("click", <IconPointer size={16} stroke={1.6} aria-hidden="true" />, "V")}
        {button("box", <IconSquareDashed size={16} stroke={1.6} aria-hidden="true" />, "M")}
        {button("polygon", <IconLasso size={16} stroke={1.6} aria-hidden="true" />, "P")}
      </div>
      {mode !== "click" && <Rubber mode={mode} onDone={(corners, more) => { onPolygon(corners.map(([x, y]) => map.unproject(x, y)), more); onMode("click"); }} onLeave={() => onMode("click")} />}
    </>
  );
}

/** A sheet of glass over the map that takes a box or the corners of a polygon. */
function Rubber({ mode, onDone, onLeave }: { mode: "box" | "polygon"; onDone: (corners: [number, number][], more: boolean) => void; onLeave: () => void }) {
  const { t } = useTranslation("studio");
  const [corners, setCorners] = useState<[number, number][]>([]);
  const [now, setNow] = useState<[number, number] | null>(null);
  const glass = useRef<SVGSVGElement>(null);
  const done = useRef({ corners, onDone, onLeave });
  useEffect(() => {
    done.current = { corners, onDone, onLeave };
  });
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.key === "Escape") done.current.onLeave();
      else if (event.key === "Enter" && done.current.corners.length > 2) done.current.onDone(done.current.corners, event.shiftKey);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("keydown", keys, true);
    return () => document.removeEventListener("keydown", keys, true);
  }, []);
  const at = (event: PointerEvent): [number, number] => {
    const box = glass.current!.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const down = (event: PointerEvent<SVGSVGElement>) => {
    const spot = at(event);
    if (mode === "box") {
      event.currentTarget.setPointerCapture(event.pointerId);
      setCorners([spot]);
      return setNow(spot);
    }
    const first = corners[0];
    if (first && corners.length > 2 && Math.hypot(first[0] - spot[0], first[1] - spot[1]) < 12) return onDone(corners, event.shiftKey);
    setCorners([...corners, spot]);
  };
  const up = (event: PointerEvent<SVGSVGElement>) => {
    const [a] = corners, b = at(event);
    if (mode !== "box" || !a) return;
    if (Math.abs(a[0] - b[0]) < 3 || Math.abs(a[1] - b[1]) < 3) return setCorners([]);
    onDone([a, [b[0], a[1]], b, [a[0], b[1]]], event.shiftKey);
  };
  const [a] = corners;
  return (
    <>
      <svg ref={glass} className="rubber" onPointerDown={down} onPointerMove={(event) => setNow(at(event))} onPointerUp={up} onDoubleClick={() => corners.length > 2 && onDone(corners, false)}>
        {mode === "box" && a && now && <rect x={Math.min(a[0], now[0])} y={Math.min(a[1], now[1])} width={Math.abs(a[0] - now[0])} height={Math.abs(a[1] - now[1])} />}
        {mode === "polygon" && corners.length > 0 && <polygon points={[...corners, ...(now ? [now] : [])].map((one) => one.join(",")).join(" ")} />}
      </svg>
      <p className="rubber-hint" role="status">{t(`select.hint.${mode}`)}</p>
    </>
  );
}
