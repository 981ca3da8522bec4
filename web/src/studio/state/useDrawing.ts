import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Place } from "../../kit/api/types";
import type { Table } from "../api";
import type { DrawController, Drawn } from "../draw";
import { newId } from "./ids";
import { readRows } from "./useSelected";
import type { WorkList } from "./useWork";
import { changed, inserted, keyOf, type Row, type Step } from "./work";

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

/** Joins the drawing tools with the work list: they never talk to the server themselves. */
export function useDrawing(controller: DrawController | null, list: WorkList, place: Place | null, onNew: (layer: string, id: string) => void): Drawing {
  const [of, setOf] = useState<Drawing["of"]>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const row = useRef<Row | null>(null);
  const current = useRef(list);
  useEffect(() => {
    current.current = list;
  });

  useEffect(() => {
    if (!controller) return;
    const ends = [
      controller.onChange(setDrawn),
      controller.onShared((moves) => void takeMoves(moves)),
    ];
    async function takeMoves(moves: { layer: string; id: string; geometry: GeoJSON.Geometry; server: object }[]): Promise<void> {
      const steps: Step[] = [];
      for (const layer of new Set(moves.map((move) => move.layer))) {
        const own = moves.filter((move) => move.layer === layer);
        const rows = new Map((await readRows(layer, own.map((move) => move.id))).map((one) => [one.id, one]));
        for (const move of own) {
          const one = rows.get(move.id);
          if (one) steps.push(changed(current.current.work, one, { shape: move.geometry, geometry: move.server }));
        }
      }
      current.current.take(steps);
    }
    return () => ends.forEach((end) => end());
  }, [controller]);

  const cancel = useCallback(() => {
    controller?.stop();
    setOf(null);
    setDrawn(null);
  }, [controller]);

  const start = useCallback((table: Table, given: Row | null) => {
    if (!controller || !table.geometry || table.geometry === "none") return;
    const id = given?.id ?? newId();
    const pending = given ? current.current.work.items.get(keyOf(table.name, id)) : undefined;
    row.current = given;
    setOf({ layer: table.name, id, isNew: !given });
    controller.start({
      layer: table.name, id: given ? id : null, geometry: table.geometry, shape: pending?.shape ?? given?.shape ?? null,
      legal: table.legal, srid: table.legal ? table.legal_srid : (place?.legal_srid ?? null),
    });
  }, [controller, place]);

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
