// `on(event, listener)` as kafkajs has it: the listener is given the event, and what comes back takes it off again.

export interface KafkaJsEvent<T = unknown> {
  readonly id: number;
  readonly type: string;
  readonly timestamp: number;
  readonly payload: T;
}

type Listener = (event: never) => unknown;

export class Listeners {
  readonly #known: ReadonlySet<string>;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #nowMs: () => number;
  #count = 0;

  constructor(known: readonly string[], nowMs: () => number) {
    this.#known = new Set(known);
    this.#nowMs = nowMs;
  }

  on(type: string, listener: Listener): () => void {
    if (!this.#known.has(type)) throw new Error(`Event name should be one of ${[...this.#known].join(', ')}`);
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  tell(type: string, payload: unknown): void {
    const event: KafkaJsEvent = { id: this.#count++, type, timestamp: this.#nowMs(), payload };
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}
