import { IconKeyboard } from "@tabler/icons-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { toGrid, zoneName } from "../../kit/geometry/vn2000";
import type { Lang } from "../../kit/format/format";
import type { DrawController } from "./controller";
import type { Corner } from "./plane";
import { readTyped } from "./typed";
import { useDraw, useDrawWords } from "./useDraw";
import "./draw.css";

const metres = (value: number, lang: Lang) => new Intl.NumberFormat(lang === "vi" ? "vi-VN" : "en-GB", { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(value);
const degrees = (value: number, lang: Lang) => value.toFixed(7).replace(".", lang === "vi" ? "," : ".");

/** Where the pointer is, in VN-2000 and WGS 84, both axes named; opens the field for typed coordinates and lengths. */
export function CoordinateReadout({ controller }: { controller: DrawController }) {
  const { t, lang } = useDrawWords();
  const spot = useSyncExternalStore(controller.subscribePointer, controller.pointer);
  const view = useDraw(controller);
  const grid = spot && controller.srid !== null ? toGrid(spot[0], spot[1], controller.srid) : null;
  return (
    <div className="draw-readout" role="group" aria-label={t("coordinates.label")}>
      {view.typing && <TypedSpot controller={controller} />}
      <div className="draw-where">
        {spot ? (
          <p>
            {grid && controller.srid !== null && <span title={zoneName(controller.srid)}><b>{t("coordinates.north")}</b> {metres(grid.north, lang)} <b>{t("coordinates.east")}</b> {metres(grid.east, lang)}</span>}
            <span>{t("coordinates.wgs")} <b>{t("coordinates.lat")}</b> {degrees(spot[1], lang)} <b>{t("coordinates.lon")}</b> {degrees(spot[0], lang)}</span>
          </p>
        ) : <p>{controller.srid !== null && zoneName(controller.srid)}</p>}
        <button type="button" className="draw-type" aria-expanded={view.typing} title={`${t("coordinates.open")} (G)`} aria-label={t("coordinates.open")} onClick={() => controller.setTyping(!view.typing)}><IconKeyboard size={18} /></button>
      </div>
    </div>
  );
}

function TypedSpot({ controller }: { controller: DrawController }) {
  const { t, lang } = useDrawWords();
  const view = useDraw(controller);
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const typed = readTyped(text), spot = controller.spotOf(typed);
  const canPlace = view.subject !== null && (view.tool === "draw" || view.tool === "hole" || (view.tool === "edit" && view.chosen !== null));
  const said = spoken();

  function spoken(): { text: string; bad: boolean } | null {
    if (text.trim() === "") return null;
    const decimal = (value: number, digits: number) => value.toFixed(digits).replace(".", lang === "vi" ? "," : ".");
    switch (typed.kind) {
      case "unclear": return { text: t("coordinates.unclear"), bad: true };
      case "polar":
        if (!controller.last) return { text: t("coordinates.noLast"), bad: true };
        return { text: typed.bearing === null ? t("coordinates.polarPointer", { length: decimal(typed.length, 3) }) : t("coordinates.polar", { length: decimal(typed.length, 3), bearing: `${decimal(typed.bearing, 4).replace(/[.,]?0+$/, "")}°` }), bad: false };
      case "grid":
        if (controller.srid === null || !spot) return { text: t("coordinates.noZone"), bad: true };
        return { text: `${typed.swapped ? `${t("coordinates.swapped")} ` : ""}${t("coordinates.gridAt", { north: metres(typed.north, lang), east: metres(typed.east, lang) })}${outside(spot) ? ` ${t("coordinates.outside")}` : ""}`, bad: outside(spot) };
      case "degrees":
        return { text: `${typed.swapped ? `${t("coordinates.swappedDegrees")} ` : ""}${t("coordinates.degreesAt", { lat: degrees(typed.lat, lang), lon: degrees(typed.lon, lang) })}${spot && outside(spot) ? ` ${t("coordinates.outside")}` : ""}`, bad: spot !== null && outside(spot) };
    }
  }

  function outside([lon, lat]: Corner): boolean {
    const bounds = controller.bounds;
    return bounds !== null && (lon < bounds[0] || lon > bounds[2] || lat < bounds[1] || lat > bounds[3]);
  }

  function place(): void {
    if (!spot) return;
    if (canPlace) controller.placeAt(spot);
    else controller.goTo(spot);
    setText("");
    field.current?.focus();
  }

  return (
    <form className="draw-typed" onSubmit={(event) => { event.preventDefault(); if (text.trim() === "" && view.open) controller.run("finish"); else place(); }}>
      <label htmlFor="draw-typed">{t("coordinates.input")}</label>
      <input id="draw-typed" ref={field} value={text} onChange={(event) => setText(event.target.value)} placeholder={t("coordinates.placeholder")} autoComplete="off" spellCheck={false}
        aria-describedby="draw-typed-said" aria-invalid={said?.bad ?? false} onKeyDown={(event) => { if (event.key === "Escape") controller.setTyping(false); }} />
      <p id="draw-typed-said" role="status" className={said?.bad ? "bad" : ""}>{said?.text}</p>
      <div>
        <button className="button main" disabled={!spot || !canPlace}>{t(view.tool === "edit" && view.chosen ? "coordinates.move" : "coordinates.place")}</button>
        <button type="button" className="button" disabled={!spot} onClick={() => spot && controller.goTo(spot)}>{t("coordinates.goto")}</button>
        <button type="button" className="button bare" onClick={() => controller.setTyping(false)}>{t("coordinates.close")}</button>
      </div>
    </form>
  );
}
