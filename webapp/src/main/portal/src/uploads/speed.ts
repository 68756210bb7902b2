const WINDOW_MS = 10_000;
const LEAST_MS = 1_000;

/** Bytes a second over the last ten seconds, and how long the rest takes at that speed. */
export class SpeedMeter {
  #samples: { at: number; bytes: number }[] = [];

  /** What is done in all; a smaller figure (a part that failed) begins anew. */
  note(at: number, bytes: number): void {
    const last = this.#samples[this.#samples.length - 1];
    if (last && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ at, bytes });
    // one sample from before the window stays, so that the window is always full
    while (this.#samples.length > 2 && (this.#samples[1]?.at ?? at) <= at - WINDOW_MS) this.#samples.shift();
  }

  reset(): void {
    this.#samples = [];
  }

  /** Null while there is too little to tell from. */
  bytesPerSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples[this.#samples.length - 1];
    if (!first || !last || last.at - first.at < LEAST_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  millisLeft(bytesLeft: number): number | null {
    const speed = this.bytesPerSecond();
    return speed === null || speed <= 0 ? null : (bytesLeft * 1000) / speed;
  }
}
