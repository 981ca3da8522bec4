import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Place } from "../../kit/api/types";
import type { Table } from "../api";
import type { DrawController, Drawn } from "../draw";
import { begun, type Begun, leftBehind } from "./begun";
import { newId } from "./ids";
import type { KeptDrawing } from "./keep";
import { readRows } from "./useSelected";
import type { WorkList } from "./useWork";
import { changed, followed, inserted, keyOf, type Row, type Step } from "./work";

/** The shape that is being drawn, and the ways out of it. */
export interface Drawing {
  /** The object whose shape it is. */
  of: { layer: string; id: string; isNew: boolean } | null;
  drawn: Drawn | null;
  start(table: Table, row: Row | null): void;
  /** Puts the shape into the work list. */
  keep(): void;
  cancel(): void;
}

/** Whether the shape can be kept as it is now. */
export const ready = ({ drawn }: Drawing): boolean => Boolean(drawn?.geometry && !drawn.drawing && !drawn.refused);

interface Heard {
  /** A new object's shape has gone into the work list. */
  onNew: (layer: string, id: string) => void;
  /** A shape is here again that a closed tab or a killed browser had left. */
  onAgain: (of: KeptDrawing["of"]) => void;
}

/** Joins the drawing tools with the work list: they never talk to the server themselves. */
export function useDrawing(person: string, controller: DrawController | null, list: WorkList, tables: readonly Table[] | null, place: Place | null, { onNew, onAgain }: Heard): Drawing {
  const [of, setOf] = useState<Drawing["of"]>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const row = useRef<Row | null>(null);
  const kept = useRef<{ begun: Begun; of: KeptDrawing["of"] } | null>(null);
  const current = useRef(list);
  useEffect(() => {
    current.current = list;
  });

  useEffect(() => {
    if (!controller) return;
    const ends = [
      controller.onChange((now) => {
        setDrawn(now);
        const shape = controller.memory;
        // A shape that nobody has touched yet is no work.
        if (shape && kept.current && (now.canUndo || now.canRedo)) kept.current.begun.keep({ of: kept.current.of, row: row.current, subject: now.subject, shape });
      }),
      controller.onShared((moves) => void takeMoves(moves)),
    ];
    async function takeMoves(moves: { layer: string; id: string; version: number; geometry: GeoJSON.Geometry; server: object }[]): Promise<void> {
      const steps: Step[] = [];
      for (const layer of new Set(moves.map((move) => move.layer))) {
        const own = moves.filter((move) => move.layer === layer);
        // Without an answer the shape follows all the same: it is held against the version that was seen.
        const read = await readRows(layer, own.map((move) => move.id)).catch(() => []);
        const rows = new Map(read.map((one) => [one.id, one]));
        for (const move of own) {
          steps.push(...followed(current.current.work, move, rows.get(move.id)));
        }
      }
      current.current.take(steps);
    }
    return () => ends.forEach((end) => end());
  }, [controller]);

  const cancel = useCallback(() => {
    controller?.stop();
    kept.current?.begun.forget();
    kept.current = null;
    setOf(null);
    setDrawn(null);
  }, [controller]);

  const unkept = list.unkeepable;
  const start = useCallback((table: Table, given: Row | null) => {
    if (!controller || !table.geometry || table.geometry === "none") return;
    const id = given?.id ?? newId();
    const pending = given ? current.current.work.items.get(keyOf(table.name, id)) : undefined;
    const now = { layer: table.name, id, isNew: !given };
    row.current = given;
    kept.current?.begun.forget();
    kept.current = { begun: begun(person, now, unkept), of: now };
    setOf(now);
    controller.start({
      layer: table.name, id: given ? id : null, geometry: table.geometry, shape: pending?.shape ?? given?.shape ?? null,
      legal: table.legal, srid: table.legal ? table.legal_srid : (place?.legal_srid ?? null),
    });
  }, [controller, place, person, unkept]);

  // What was being drawn when the page went is taken up again, with every step back.
  const again = useRef(onAgain);
  useEffect(() => {
    again.current = onAgain;
  });
  const isReady = list.ready && tables !== null;
  const sought = useRef(false);
  useEffect(() => {
    if (!controller || !isReady || sought.current) return;
    sought.current = true;
    void leftBehind(person).then((left) => {
      if (!left) return;
      const { drawing, release } = left;
      // Somebody was quicker to begin another one; this one comes with the next page.
      if (kept.current || controller.active || !tables.some((table) => table.name === drawing.of.layer && table.edit.may)) return release();
      row.current = drawing.row;
      kept.current = { begun: begun(person, drawing.of, unkept, release), of: drawing.of };
      setOf(drawing.of);
      controller.start(drawing.subject, drawing.shape);
      controller.showShape();
      again.current(drawing.of);
    }, unkept);
  }, [controller, isReady, tables, person, unkept]);

  const keep = useCallback(() => {
    if (!of || !drawn?.geometry || !drawn.server) return;
    // Kept as it was: nothing is to be published.
    const before = row.current && (current.current.work.items.get(keyOf(of.layer, of.id))?.shape ?? row.current.shape);
    if (before && JSON.stringify(before) === JSON.stringify(drawn.geometry)) return cancel();
    const change = { shape: drawn.geometry, geometry: drawn.server };
    const step = row.current ? changed(current.current.work, row.current, change) : inserted(of.layer, of.id, {}, change.shape, change.geometry);
    current.current.take([step]);
    if (of.isNew) onNew(of.layer, of.id);
    cancel();
  }, [cancel, drawn, of, onNew]);

  return useMemo(() => ({ of, drawn, start, keep, cancel }), [of, drawn, start, keep, cancel]);
}
