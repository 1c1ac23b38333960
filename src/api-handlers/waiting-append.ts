// An append of Produce that waits before it is made: for its transaction to be verified (KIP-890), for a codec to be loaded,
// or for others. It holds up what the same producer, or without a producer the same connection, sends to the same partition,
// and nobody else.
import { loadCodec } from '../protocol/compression/index.ts';
import { Errors, HEADER_SIZE, MAGIC_V2, magic, producerId } from '../protocol/index.ts';
import type { Partition, Verdict, VerificationGuard } from '../replication/index.ts';
import type { Turn } from '../runtime/index.ts';
import type { ConnectionState } from './handler.ts';
import type { PartitionAnswer } from './produce-answer.ts';

/** The request that the append is part of. */
export interface AppendOwner {
  /** 0 or the guard to append it with, or why the batch must not be appended. */
  verify(partition: Partition, records: Buffer): Verdict | Promise<Verdict>;
  /** The codec that has to be loaded first; 0: none. */
  codecFor(partition: Partition, records: Buffer): number;
  append(partition: Partition, records: Buffer, answer: PartitionAnswer, guard: VerificationGuard | undefined): void;
  refuseTransaction(answer: PartitionAnswer, code: number): void;
  /** The append waits no more: `answer` has been filled in. `fault`: what has gone wrong with it, if that is ours. */
  waitOver(fault: Error | undefined): void;
}

export interface WaitingAppendOptions {
  readonly owner: AppendOwner;
  readonly partition: Partition;
  readonly records: Buffer;
  readonly answer: PartitionAnswer;
  /** What is known already of whether the transaction is verified, and of the codec that has to be loaded. */
  readonly verdict?: Verdict | Promise<Verdict>;
  readonly codec?: number;
}

export class WaitingAppend implements Turn {
  readonly #options: WaitingAppendOptions;
  #verdict: Verdict | Promise<Verdict> | undefined;
  #codec: number | undefined;
  /** The verifier has failed. */
  #fault: Error | undefined;

  constructor(options: WaitingAppendOptions) {
    this.#options = options;
    this.#verdict = options.verdict;
    this.#codec = options.codec;
  }

  attempt(): Promise<unknown> | undefined {
    const { owner } = this.#options;
    try {
      const wait = this.#advance();
      if (wait !== undefined) return wait;
    } catch (error) {
      owner.waitOver(asError(error));
      return undefined;
    }
    owner.waitOver(undefined);
    return undefined;
  }

  #advance(): Promise<unknown> | undefined {
    const { owner, partition, records, answer } = this.#options;
    if (this.#fault !== undefined) throw this.#fault;
    const verdict = (this.#verdict ??= owner.verify(partition, records));
    if (verdict instanceof Promise) return this.#verdictCome(verdict);
    if (typeof verdict === 'number' && verdict !== Errors.NONE) {
      owner.refuseTransaction(answer, verdict);
      return undefined;
    }
    const codec = this.#codec ?? owner.codecFor(partition, records);
    this.#codec = 0;
    // A codec that cannot be loaded is the log's affair: it refuses what it cannot open.
    if (codec !== 0) return loadCodec(codec).catch(() => undefined);
    owner.append(partition, records, answer, typeof verdict === 'number' ? undefined : verdict);
    return undefined;
  }

  async #verdictCome(verdict: Promise<Verdict>): Promise<void> {
    try {
      this.#verdict = await verdict;
    } catch (error) {
      this.#fault = asError(error);
    }
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Names the line in which an append stands: partition and producer or, of who has none, connection. */
export function lineOf(partition: Partition, records: Buffer, connection: ConnectionState): string {
  const hasProducer = records.length >= HEADER_SIZE && magic(records) === MAGIC_V2 && producerId(records) >= 0;
  const sender = hasProducer ? `producer ${producerId(records)}` : `connection ${connection.id}`;
  return `${partition.topic} ${partition.index} ${sender}`;
}
