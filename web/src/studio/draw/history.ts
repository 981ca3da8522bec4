/** All of it as values, as it lies on the disk: what is shared between states is kept once. */
export interface Memory<State> { past: State[]; present: State; future: State[] }

/** States one after the other, back and forth without limit; a state is a value, so keeping it costs only what changed. */
export class History<State> {
  private past: State[] = [];
  private future: State[] = [];
  constructor(private present: State, kept?: Memory<State>) {
    if (!kept) return;
    this.past = [...kept.past];
    this.present = kept.present;
    this.future = [...kept.future];
  }

  get memory(): Memory<State> {
    return { past: [...this.past], present: this.present, future: [...this.future] };
  }

  get now(): State {
    return this.present;
  }

  /** A step that can be taken back. */
  step(next: State): void {
    this.past.push(this.present);
    this.future = [];
    this.present = next;
  }

  /** The present itself looks otherwise, without a step: a corner on its way, or what is selected. */
  restate(next: State): void {
    this.present = next;
  }

  undo(): boolean {
    const before = this.past.pop();
    if (before === undefined) return false;
    this.future.push(this.present);
    this.present = before;
    return true;
  }

  redo(): boolean {
    const after = this.future.pop();
    if (after === undefined) return false;
    this.past.push(this.present);
    this.present = after;
    return true;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }
}
