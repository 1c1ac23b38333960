// Handshakes of TLS as they come, a few in each turn of the event loop. Each begins with a signature, which takes most of a millisecond
// of the thread that serves all connections: a hundred clients that come at once would keep the others waiting for a hundred.

/** Begun in one turn. */
const MOST_IN_TURN = 4;

export class HandshakeTurns {
  readonly #waiting: (() => void)[] = [];
  #begun = 0;

  /** Calls `action` at once, or in one of the next turns, in the order of the calls. */
  begin(action: () => void): void {
    if (this.#begun === MOST_IN_TURN) {
      this.#waiting.push(action);
      return;
    }
    if (this.#begun === 0) setImmediate(this.#next);
    this.#begun += 1;
    action();
  }

  readonly #next = (): void => {
    this.#begun = 0;
    for (const action of this.#waiting.splice(0, MOST_IN_TURN)) this.begin(action);
  };
}
