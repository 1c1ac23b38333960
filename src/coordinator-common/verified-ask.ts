// An operation that writes within a client's transaction, on its way: it runs once the partition is known to be part of the
// transaction, behind the earlier ones of its producer (Kafka: PartitionWriter.maybeStartTransactionVerification).
import { Errors, KafkaError } from '../protocol/index.ts';
import type { Turn } from '../runtime/index.ts';
import { Held } from './shard.ts';

export class VerifiedAsk<T> implements Turn {
  readonly held = new Held<T>();
  readonly #verify: () => number | Promise<number>;
  readonly #operation: () => T | Promise<T>;
  /** Known once it is no longer waited for. */
  #verdict: number | undefined;

  constructor(verify: () => number | Promise<number>, operation: () => T | Promise<T>) {
    this.#verify = verify;
    this.#operation = operation;
  }

  attempt(): Promise<unknown> | undefined {
    if (this.#verdict === undefined) {
      const verdict = this.#verify();
      if (typeof verdict !== 'number') {
        return verdict.then((code) => {
          this.#verdict = code;
        });
      }
      this.#verdict = verdict;
    }
    this.#answer(this.#verdict);
    return undefined;
  }

  #answer(verdict: number): void {
    const { held } = this;
    const failed = (error: unknown): void =>
      held.fail(error instanceof KafkaError ? error : new KafkaError(Errors.UNKNOWN_SERVER_ERROR));
    if (verdict !== Errors.NONE) return held.fail(new KafkaError(verdict));
    try {
      const answer = this.#operation();
      if (answer instanceof Promise) answer.then((value) => held.answer(value), failed);
      else held.answer(answer);
    } catch (error) {
      failed(error);
    }
  }
}
