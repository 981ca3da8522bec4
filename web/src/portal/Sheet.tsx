import { useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** One line, half, full: how much of the phone the answer takes. */
export type SheetHeight = "line" | "half" | "full";

const ORDER: readonly SheetHeight[] = ["line", "half", "full"];
const PIXELS: Record<SheetHeight, () => number> = {
  line: () => 116,
  half: () => Math.round(innerHeight * 0.48),
  full: () => innerHeight - 76,
};

/** The height nearest to where a drag ended, leaning towards where it was going. */
export function nearest(pixels: number, speed: number, heights: Record<SheetHeight, number>): SheetHeight {
  const aim = pixels + speed * 120;
  return ORDER.reduce((best, height) => (Math.abs(heights[height] - aim) < Math.abs(heights[best] - aim) ? height : best), "line" as SheetHeight);
}

interface Props { height: SheetHeight; onHeight: (height: SheetHeight) => void; children: ReactNode }

/** The panel on a phone: a sheet of paper pulled up from below, by finger, by button or by arrow keys. */
export function Sheet({ height, onHeight, children }: Props) {
  const { t } = useTranslation();
  const [dragged, setDragged] = useState<number | null>(null);
  const start = useRef<{ y: number; from: number; at: number; moved: boolean } | null>(null);
  const wasDragged = useRef(false);

  const step = (by: number) => {
    const next = ORDER[Math.min(Math.max(ORDER.indexOf(height) + by, 0), ORDER.length - 1)];
    if (next) onHeight(next);
  };
  const onPointerDown = (event: React.PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { y: event.clientY, from: PIXELS[height](), at: performance.now(), moved: false };
  };
  const onPointerMove = (event: React.PointerEvent) => {
    if (!start.current) return;
    const by = start.current.y - event.clientY;
    if (Math.abs(by) > 4) start.current.moved = true;
    if (start.current.moved) setDragged(Math.min(Math.max(start.current.from + by, 80), PIXELS.full()));
  };
  const onPointerUp = (event: React.PointerEvent) => {
    const began = start.current;
    start.current = null;
    setDragged(null);
    wasDragged.current = began?.moved ?? false;
    if (!began?.moved) return;
    const by = began.y - event.clientY;
    onHeight(nearest(began.from + by, by / Math.max(performance.now() - began.at, 1), { line: PIXELS.line(), half: PIXELS.half(), full: PIXELS.full() }));
  };
  const onClick = () => {
    // A drag ends with a click of its own.
    if (!wasDragged.current) step(height === "full" ? -2 : 1);
    wasDragged.current = false;
  };

  return (
    <aside className="sheet" data-height={height} aria-label={t("panel.label")} style={{ height: dragged ?? PIXELS[height](), transition: dragged === null ? undefined : "none" }}>
      <button
        type="button"
        className="sheet-handle"
        aria-label={height === "full" ? t("panel.lower") : t("panel.taller")}
        onClick={onClick}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onKeyDown={(event) => {
          if (event.key === "ArrowUp") step(1);
          else if (event.key === "ArrowDown") step(-1);
          else return;
          event.preventDefault();
        }}
      />
      <div className="sheet-body">{children}</div>
    </aside>
  );
}
