// What the active controller does of its own accord from time to time (Kafka: PeriodicTaskControlManager).
import type { Clock, Logger, Timer } from '../../runtime/index.ts';

export interface PeriodicTask {
  readonly name: string;
  readonly intervalMs: number;
  /** Resolves with whether there is more to do at once: a task does a bounded amount at a time. */
  run(): Promise<boolean>;
}

export class PeriodicTasks {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timers = new Map<PeriodicTask, Timer>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Runs the task after its interval, and so on until all are stopped. Does nothing for a task that was started. */
  start(task: PeriodicTask): void {
    if (!this.#timers.has(task)) this.#schedule(task, task.intervalMs);
  }

  stopAll(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #schedule(task: PeriodicTask, delayMs: number): void {
    const timer = this.#clock.schedule(delayMs, () => {
      void this.#run(task, timer);
    });
    this.#timers.set(task, timer);
  }

  async #run(task: PeriodicTask, timer: Timer): Promise<void> {
    let hasMore = false;
    try {
      hasMore = await task.run();
    } catch (error) {
      this.#logger.log('warn', 'a periodic task of the controller failed', { task: task.name, reason: String(error) });
    }
    // Stopped meanwhile, or started again after that: this round is over.
    if (this.#timers.get(task) === timer) this.#schedule(task, hasMore ? 0 : task.intervalMs);
  }
}
