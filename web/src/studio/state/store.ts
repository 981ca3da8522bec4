import { NOTHING, type Work } from "./work";

/** Where a work list is kept. */
export interface Keeper { read(): Promise<Work>; write(work: Work): Promise<void> }

interface Told { onWork(work: Work): void; onReady(): void; onKept(isKept: boolean): void; onWritten(): void }

/**
 * A work list between the page and the machine. Nothing is written before what was kept has been read: a list that could not be
 * read is not lost by the first change beside it.
 */
export class WorkStore {
  private work: Work = NOTHING;
  private state: "reading" | "kept" | "unreadable" = "reading";
  /** What was done before the list was there. */
  private early: ((work: Work) => Work)[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly keeper: Keeper, private readonly told: Told) {}

  async open(): Promise<void> {
    await this.load();
    if (!this.closed) this.told.onReady();
  }

  close(): void {
    this.closed = true;
  }

  /** Another tab has written. */
  async heard(): Promise<void> {
    // What was done here goes to the disk first: what is read then has it.
    await this.queue;
    if (this.state === "kept") await this.load();
  }

  change(next: (work: Work) => Work): void {
    const after = next(this.work);
    if (after === this.work) return;
    this.work = after;
    this.told.onWork(after);
    if (this.state === "reading") this.early.push(next);
    else if (this.state === "kept") this.write(after);
    else this.told.onKept(false);
  }

  private async load(): Promise<void> {
    try {
      const kept = await this.keeper.read();
      if (this.closed) return;
      const early = this.early.splice(0);
      this.state = "kept";
      this.work = early.reduce((work, next) => next(work), kept);
      this.told.onWork(this.work);
      if (early.length > 0) this.write(this.work);
    } catch {
      if (this.closed || this.state === "kept") return;
      this.state = "unreadable";
      this.told.onKept(false);
    }
  }

  /** One after the other: the last step is the one that stays. */
  private write(work: Work): void {
    this.queue = this.queue.then(() => this.keeper.write(work)).then(
      () => {
        if (this.closed) return;
        this.told.onKept(true);
        this.told.onWritten();
      },
      () => { if (!this.closed) this.told.onKept(false); },
    );
  }
}
