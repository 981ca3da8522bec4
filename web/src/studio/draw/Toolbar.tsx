import { IconArrowBackUp, IconArrowForwardUp, IconBorderCorners, IconCheck, IconKeyboard, IconLayersSubtract, IconLine, IconMagnet, IconMapPin, IconPolygon, IconRoute, IconRuler2, IconSquareX, IconTable, IconTrash, IconVector } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import type { DrawController } from "./controller";
import { KEYS, type Command } from "./keys";
import { useDraw, useDrawWords } from "./useDraw";
import type { View } from "./view";
import "./draw.css";

interface ButtonProps { controller: DrawController; command: Command; icon: ReactNode; label: string; pressed?: boolean; disabled?: boolean }

function Tool({ controller, command, icon, label, pressed, disabled }: ButtonProps) {
  const key = KEYS[command];
  return (
    <button type="button" className="draw-tool" disabled={disabled} aria-keyshortcuts={key.replace(/ (?=.)/, "+")} title={`${label} (${key})`}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })} onClick={() => controller.run(command)}>
      {icon}<span>{label}</span><kbd aria-hidden="true">{key}</kbd>
    </button>
  );
}

/** The tools of one feature's shape in one row, with their keys. Empty while nothing is edited. */
export function DrawToolbar({ controller }: { controller: DrawController }) {
  const { t } = useDrawWords();
  const view = useDraw(controller);
  if (!view.subject || !view.drawn) return null;
  const size = 18;
  const hasShape = view.drawn.geometry !== null;
  const drawIcon = view.kind === "point" ? <IconMapPin size={size} /> : view.kind === "line" ? <IconLine size={size} /> : <IconPolygon size={size} />;
  return (
    <div className="draw-bar">
      <div className="draw-tools" role="toolbar" aria-label={t("tools.label")}>
        <Tool controller={controller} command="edit" icon={<IconVector size={size} />} label={t("tools.edit")} pressed={view.tool === "edit"} disabled={!hasShape} />
        <Tool controller={controller} command="draw" icon={drawIcon} label={t(hasShape && view.multi ? "tools.part" : "tools.draw")} pressed={view.tool === "draw"} />
        {view.kind === "polygon" && <Tool controller={controller} command="hole" icon={<IconLayersSubtract size={size} />} label={t("tools.hole")} pressed={view.tool === "hole"} disabled={!hasShape} />}
        {view.kind !== "point" && <Tool controller={controller} command="offset" icon={<IconRuler2 size={size} />} label={t("tools.offset")} pressed={view.tool === "offset"} />}
        <i className="draw-gap" />
        <Tool controller={controller} command="snap" icon={<IconMagnet size={size} />} label={t("tools.snap")} pressed={view.snap} />
        {view.kind !== "point" && <Tool controller={controller} command="trace" icon={<IconRoute size={size} />} label={t(view.tracing === "longer" ? "tools.traceLong" : "tools.trace")} pressed={view.tracing !== "off"} />}
        {view.kind !== "point" && <Tool controller={controller} command="square" icon={<IconBorderCorners size={size} />} label={t("tools.square")} pressed={view.square} />}
        <Tool controller={controller} command="type" icon={<IconKeyboard size={size} />} label={t("tools.type")} pressed={view.typing} />
        <Tool controller={controller} command="table" icon={<IconTable size={size} />} label={t("tools.table")} pressed={view.table} />
        <i className="draw-gap" />
        <Tool controller={controller} command="undo" icon={<IconArrowBackUp size={size} />} label={t("tools.undo")} disabled={!view.drawn.canUndo} />
        <Tool controller={controller} command="redo" icon={<IconArrowForwardUp size={size} />} label={t("tools.redo")} disabled={!view.drawn.canRedo} />
        {view.open && <Tool controller={controller} command="finish" icon={<IconCheck size={size} />} label={t("tools.finish")} disabled={view.open.length < (view.kind === "polygon" ? 3 : 2)} />}
        {view.open && <Tool controller={controller} command="cancel" icon={<IconSquareX size={size} />} label={t("tools.cancel")} />}
        {(view.chosen || view.open) && <Tool controller={controller} command="remove" icon={<IconTrash size={size} />} label={t("tools.removeCorner")} />}
        {view.chosen && view.kind !== "point" && <Tool controller={controller} command="removePath" icon={<IconTrash size={size} />} label={t(view.chosen.path > 0 ? "tools.removeHole" : "tools.removePart")} />}
      </div>
      <Hint controller={controller} view={view} />
      {view.parallel && <Parallel controller={controller} view={view} />}
      {view.shared && <Shared controller={controller} count={view.shared.features} />}
      {!view.shared && view.sharedDone > 0 && <p className="draw-word" role="status">{t("shared.done", { count: view.sharedDone })}</p>}
    </div>
  );
}

/** One line: what the hand has caught, else what to do next. */
function Hint({ controller, view }: { controller: DrawController; view: View }) {
  const { t } = useDrawWords();
  const hold = view.hold;
  const fault = view.drawn?.problems.find((problem) => problem.effect === "refuse" && problem.place !== null);
  let text: string;
  if (hold) text = `${t(`hold.${hold.kind}`)} ${hold.of ? t("hold.of", { layer: controller.titleOf(hold.of.layer) }) : t("hold.own")}`;
  else if (fault) text = `✕ ${t(`problems.${fault.rule}`, { ...fault.values })}`;
  else if (view.tool === "draw") text = t(view.kind === "point" ? "hint.point" : view.kind === "line" ? "hint.line" : "hint.draw");
  else if (view.tool === "edit") text = t(view.chosen ? "hint.chosen" : "hint.edit");
  else text = t(`hint.${view.tool}`);
  return <p className={fault && !hold ? "draw-hint refuse" : "draw-hint"} aria-live="polite" data-hold={hold?.kind ?? "none"}>{text}{view.far && view.snap ? ` ${t("hint.far")}` : ""}</p>;
}

function Parallel({ controller, view }: { controller: DrawController; view: View }) {
  const { t, lang } = useDrawWords();
  const [text, setText] = useState(() => String(view.parallel!.metres).replace(".", lang === "vi" ? "," : "."));
  const metres = Number(text.replace(",", "."));
  const valid = Number.isFinite(metres) && metres > 0 && metres <= 1000;
  useEffect(() => {
    if (valid) controller.setOffset(metres);
  }, [controller, metres, valid, view.parallel!.picked]);
  return (
    <form className="draw-ask" onSubmit={(event) => { event.preventDefault(); if (valid) controller.acceptParallel(); }}>
      <label>{t("offset.label")} <input value={text} onChange={(event) => setText(event.target.value)} inputMode="decimal" size={6} aria-invalid={!valid} /></label>
      <button className="button" disabled={!valid || !view.parallel!.picked}>{t("offset.draw")}</button>
      <span>{t(view.parallel!.picked ? "offset.side" : "offset.pick")}</span>
    </form>
  );
}

function Shared({ controller, count }: { controller: DrawController; count: number }) {
  const { t } = useDrawWords();
  return (
    <div className="draw-ask" role="alertdialog" aria-label={t("shared.offer", { count })}>
      <span>{t("shared.offer", { count })}</span>
      <button type="button" className="button main" onClick={() => controller.acceptShared()}>{t("shared.move")}</button>
      <button type="button" className="button" onClick={() => controller.leaveShared()}>{t("shared.leave")}</button>
    </div>
  );
}
