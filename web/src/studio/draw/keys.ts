/** One table of keys: the toolbar shows them, the controller obeys them. */
export type Command =
  | "edit" | "draw" | "hole" | "offset" | "snap" | "trace" | "square" | "type" | "table"
  | "undo" | "redo" | "finish" | "cancel" | "remove" | "removePath" | "next" | "previous";

export const KEYS: Readonly<Record<Command, string>> = {
  edit: "E", draw: "D", hole: "H", offset: "O", snap: "S", trace: "T", square: "R", type: "G", table: "B",
  undo: "Ctrl Z", redo: "Ctrl Y", finish: "Enter", cancel: "Esc", remove: "Delete", removePath: "Shift Delete", next: "]", previous: "[",
};

const LETTERS: Readonly<Record<string, Command>> = {
  e: "edit", d: "draw", h: "hole", o: "offset", s: "snap", t: "trace", r: "square", g: "type", b: "table", enter: "finish", escape: "cancel",
  "]": "next", "[": "previous",
};

interface Pressed { key: string; ctrl: boolean; shift: boolean; alt: boolean }

/** What a key means; null when it is not ours. */
export function commandOf({ key, ctrl, shift, alt }: Pressed): Command | null {
  const letter = key.toLowerCase();
  if (ctrl && !alt) return letter === "z" ? (shift ? "redo" : "undo") : letter === "y" ? "redo" : null;
  if (ctrl || alt) return null;
  if (letter === "delete" || letter === "backspace") return shift ? "removePath" : "remove";
  return LETTERS[letter] ?? null;
}

/** Metres east and north of an arrow key: 10 cm, with Shift 1 cm. */
export function nudgeOf(key: string, shift: boolean): readonly [number, number] | null {
  const step = shift ? 0.01 : 0.1;
  switch (key) {
    case "ArrowUp": return [0, step];
    case "ArrowDown": return [0, -step];
    case "ArrowLeft": return [-step, 0];
    case "ArrowRight": return [step, 0];
    default: return null;
  }
}

interface Obeys {
  run: (command: Command) => void;
  /** Whether an arrow key moves a corner now. */
  nudges: () => boolean;
  nudge: (metres: readonly [east: number, north: number]) => void;
}

/** Listens to the whole page, except where somebody writes or stands on a button. */
export function listen({ run, nudges, nudge }: Obeys): () => void {
  const heard = (event: KeyboardEvent) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.closest("input, textarea, select, [contenteditable=true], dialog")) return;
    const isButton = target?.closest("button, a, summary, [role=row], [role=grid], [role=option]");
    if (isButton && /^(Enter| |Arrow.*)$/.test(event.key)) return;
    const step = nudges() && !event.ctrlKey && !event.altKey ? nudgeOf(event.key, event.shiftKey) : null;
    const command = commandOf({ key: event.key, ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey, alt: event.altKey });
    if (step) nudge(step);
    else if (command) run(command);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", heard, true);
  return () => document.removeEventListener("keydown", heard, true);
}
