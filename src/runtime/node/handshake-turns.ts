// Handshakes of TLS as they come, a few in each turn of the event loop. Each begins with a signature, which takes most of a millisecond
// of the thread that serves all connections: a hundred clients that come at once would keep the others waiting for a hundred. Those whose
// time is over end in the same way: clients that have come together do so together.

/** Begun in one turn. */
const MOST_IN_TURN = 4;

export class HandshakeTurns {
  readonly #mostInTurn: number;
  readonly #waiting: (() => void)[] = [];
  #begun = 0;

  constructor(mostInTurn = MOST_IN_TURN) {
    this.#mostInTurn = mostInTurn;
  }

  /** Calls `action` at once, or in one of the next turns, in the order of the calls. */
  begin(action: () => void): void {
    if (this.#begun === this.#mostInTurn) {
      this.#waiting.push(action);
      return;
    }
    if (this.#begun === 0) setImmediate(this.#next);
    this.#begun += 1;
    action();
  }

  readonly #next = (): void => {
    this.#begun = 0;
    for (const action of this.#waiting.splice(0, this.#mostInTurn)) this.begin(action);
  };
}
