// What a simulation finds: a broken promise, in words.
export class Violation extends Error {
  override readonly name = 'Violation';
  /** Which promise: D1, E4, liveness …; the same bug breaks the same one. */
  readonly promise: string;

  constructor(promise: string, words: string) {
    super(`${promise}: ${words}`);
    this.promise = promise;
  }
}

export function ensure(condition: boolean, promise: string, words: () => string): asserts condition {
  if (!condition) throw new Violation(promise, words());
}
