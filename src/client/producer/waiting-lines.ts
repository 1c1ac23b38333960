// Lines of work that has to be done in the order in which it came, one line for each topic.

export class WaitingLines {
  readonly #ends = new Map<string, Promise<void>>();

  isWaiting(name: string): boolean {
    return this.#ends.has(name);
  }

  /** `work` begins when all before it is over; it does not reject. */
  wait(name: string, work: () => Promise<void>): void {
    const before = this.#ends.get(name);
    const end = before === undefined ? work() : before.then(work);
    this.#ends.set(name, end);
    void end.then(() => {
      if (this.#ends.get(name) === end) this.#ends.delete(name);
    });
  }

  /** Resolves when what waits now waits no more. */
  async empty(): Promise<void> {
    await Promise.all(this.#ends.values());
  }
}
