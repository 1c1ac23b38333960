// Events that may happen while whoever acts on them is still being built.

/** Keeps events in order until somebody listens; from then on hands them over at once. There is one listener. */
export class EarlyEvents<T> {
  readonly #kept: T[] = [];
  #listener: ((event: T) => void) | undefined;
  #watcher: ((event: T) => void) | undefined;

  readonly tell = (event: T): void => {
    if (this.#listener !== undefined) return this.#listener(event);
    this.#kept.push(event);
    this.#watcher?.(event);
  };

  /** What has happened first, as long as nobody listens. */
  get first(): T | undefined {
    return this.#kept[0];
  }

  /** Whoever builds is told as well, until somebody listens: there may be no point in going on. */
  watch(watcher: (event: T) => void): void {
    this.#watcher = watcher;
    for (const event of this.#kept) watcher(event);
  }

  listen(listener: (event: T) => void): void {
    this.#listener = listener;
    for (const event of this.#kept.splice(0)) listener(event);
  }
}
