// Events that may happen while whoever acts on them is still being built.

/** Keeps events in order until somebody listens; from then on hands them over at once. There is one listener. */
export class EarlyEvents<T> {
  readonly #kept: T[] = [];
  #listener: ((event: T) => void) | undefined;

  readonly tell = (event: T): void => {
    if (this.#listener === undefined) this.#kept.push(event);
    else this.#listener(event);
  };

  listen(listener: (event: T) => void): void {
    this.#listener = listener;
    for (const event of this.#kept.splice(0)) listener(event);
  }
}
