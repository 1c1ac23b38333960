// A heartbeat at a time: the next one is due a while after the last one has been answered, or at once when there is something to tell.
import type { Clock, Timer } from '../../runtime/index.ts';

export class HeartbeatTimer {
  readonly #clock: Clock;
  readonly #beat: () => Promise<number | undefined>;
  #timer: Timer | undefined;
  #isBeating = false;
  #isUrgent = false;
  #isStopped = true;

  /** `beat` resolves with how long to wait until the next one; undefined: none follows. It does not reject. */
  constructor(clock: Clock, beat: () => Promise<number | undefined>) {
    this.#clock = clock;
    this.#beat = beat;
  }

  start(delayMs: number): void {
    this.#isStopped = false;
    this.#schedule(delayMs);
  }

  /** At once, or when the one that is under way has been answered. */
  now(): void {
    if (this.#isStopped) return;
    if (this.#isBeating) this.#isUrgent = true;
    else this.#schedule(0);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(delayMs, () => void this.#run());
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    if (this.#isBeating || this.#isStopped) return;
    this.#isBeating = true;
    this.#isUrgent = false;
    const nextMs = await this.#beat();
    this.#isBeating = false;
    if (this.#isStopped || (nextMs === undefined && !this.#isUrgent)) return;
    this.#schedule(this.#isUrgent ? 0 : (nextMs as number));
  }
}
