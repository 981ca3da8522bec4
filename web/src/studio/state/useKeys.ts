import { useEffect, useRef } from "react";
import type { SelectMode } from "../parts/SelectTools";
import type { StudioState } from "../StudioContext";
import { removed } from "./work";

interface Commands { setMode: (mode: SelectMode) => void; setHelp: (open: boolean) => void; openWork: () => void; toggle: (panel: number) => void }

const typing = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** The keys of the page. While a shape is edited the keys are the drawing tools'. */
export function useKeys(state: StudioState | null, commands: Commands): void {
  const latest = useRef({ state, commands });
  useEffect(() => {
    latest.current = { state, commands };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { state: now, commands: does } = latest.current;
      if (!now || event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
      // The drawing tools have their own keys, but one sheet tells of all.
      if (now.controller?.active && (event.key !== "?" || typing(event.target))) return;
      const key = event.key.toLowerCase(), command = event.ctrlKey || event.metaKey;
      if (command && key === "enter") does.openWork();
      else if (typing(event.target)) return;
      else if (command && (key === "y" || (key === "z" && event.shiftKey))) now.list.redo();
      else if (command && key === "z") now.list.undo();
      else if (command) return;
      else if (event.key === "?") does.setHelp(true);
      else if (key === "v") does.setMode("click");
      else if (key === "m") does.setMode("box");
      else if (key === "p") does.setMode("polygon");
      else if (key === "n" && now.table?.edit.may && now.table.geometry && now.table.geometry !== "none") now.drawing.start(now.table, null);
      else if (key === "delete" && now.table?.edit.may && now.selected.length > 0) now.list.take(now.selected.map((row) => removed(now.list.work, row)));
      else if (key === "/") document.querySelector<HTMLInputElement>(".table-search")?.focus();
      else if (key === "escape") now.select([]);
      else if (["1", "2", "3"].includes(key)) does.toggle(Number(key) - 1);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
