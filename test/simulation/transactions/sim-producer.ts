// A transactional producer that lives through crashes of the broker, and dies itself now and then: by the protocol of
// transaction.version 2 or by the one before. What became of each of its transactions is written down as far as it was told.
import { AddPartitionsToTxn } from '../../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { AddOffsetsToTxn } from '../../../src/protocol/messages/25-add-offsets-to-txn.ts';
import { EndTxn } from '../../../src/protocol/messages/26-end-txn.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { InitProducerId } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { TxnOffsetCommit } from '../../../src/protocol/messages/28-txn-offset-commit.ts';
import { Errors, type Int64 } from '../../../src/protocol/index.ts';
import { buildBatch } from '../../../src/protocol/records/index.ts';
import { assert, delay, type Random, randomInt } from '../../../src/runtime/index.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';
import { SimClient, type Told } from './sim-client.ts';

export const OUT = 'out';
export const IN = 'in';
export const OUT_PARTITIONS = 3;
const TIMEOUT_MS = 8_000;
const COMMIT_SHARE = 0.7;

export interface ModelTransaction {
  /** Of this producer, from 0 on. It is what it commits as its offset, too. */
  readonly number: number;
  /** Values that were answered well, by partition and in their order. */
  readonly values: Map<number, string[]>;
  hasOffset: boolean;
  fate: 'open' | 'committed' | 'aborted' | 'unknown';
}

interface Identity {
  readonly producerId: Int64;
  readonly producerEpoch: number;
}

export class SimProducer {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly transactions: ModelTransaction[] = [];
  readonly #client: SimClient;
  readonly #random: Random;
  readonly #hasVersion2: boolean;
  #identity: Identity = { producerId: -1, producerEpoch: -1 };
  /** Of the incarnation before, which does not know that it was replaced. */
  #zombie: Identity | undefined;
  readonly #sequences = new Map<number, number>();

  constructor(simulation: Simulation, name: string, hasVersion2: boolean) {
    this.transactionalId = name;
    this.groupId = `group of ${name}`;
    this.#client = new SimClient(simulation, name);
    this.#random = simulation.random;
    this.#hasVersion2 = hasVersion2;
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  /** Until `isOver`: one transaction behind the other. What it left open is ended by nobody but the coordinator. */
  async live(isOver: () => boolean): Promise<void> {
    await this.#init();
    while (!isOver()) {
      const transaction: ModelTransaction = {
        number: this.transactions.length,
        values: new Map(),
        hasOffset: false,
        fate: 'open',
      };
      this.transactions.push(transaction);
      if (!(await this.#run(transaction))) await this.#restart(transaction);
      if (this.#chance(0.2)) await this.#haunt();
      await delay(this.#client.clock, randomInt(this.#random, 0, 200));
    }
    this.#client.close();
  }

  /** false: the producer cannot go on as the one that it is. */
  async #run(transaction: ModelTransaction): Promise<boolean> {
    for (let count = randomInt(this.#random, 0, 5); count > 0; count--) {
      if (!(await this.#produce(transaction, randomInt(this.#random, 0, OUT_PARTITIONS)))) return false;
      if (this.#chance(0.1)) await delay(this.#client.clock, randomInt(this.#random, 0, 3_000));
    }
    if (this.#chance(0.5)) {
      if (!(await this.#commitOffset(transaction))) return false;
      transaction.hasOffset = true;
    }
    // It dies, or is forgotten for longer than its transaction may take.
    if (this.#chance(0.08)) return false;
    if (this.#chance(0.04)) await delay(this.#client.clock, 2 * TIMEOUT_MS);
    if (transaction.values.size === 0 && !transaction.hasOffset) {
      transaction.fate = 'aborted';
      return true;
    }
    return this.#end(transaction, this.#chance(COMMIT_SHARE));
  }

  /** Another incarnation takes over. What the one before had not begun to commit is aborted by that. */
  async #restart(transaction: ModelTransaction): Promise<void> {
    this.#zombie = this.#identity;
    await this.#init();
    if (transaction.fate === 'open') transaction.fate = 'aborted';
  }

  async #init(): Promise<void> {
    for (const [keyType, key] of [this.groupId, this.transactionalId].entries()) {
      await this.#client.settle(FindCoordinator, 3, { key, keyType }, ({ errorCode }) => errorCode as number);
    }
    const { transactionalId } = this;
    const request = { transactionalId, transactionTimeoutMs: TIMEOUT_MS, producerId: -1, producerEpoch: -1 };
    const told = await this.#client.settle(InitProducerId, 5, request, ({ errorCode, producerId, producerEpoch }) => {
      if (errorCode === Errors.NONE) this.#identity = { producerId, producerEpoch };
      return errorCode;
    });
    assert(told.code === Errors.NONE, `a producer is refused its id with ${told.code}`);
    this.#sequences.clear();
  }

  async #produce(transaction: ModelTransaction, partition: number): Promise<boolean> {
    const values = Array.from(
      { length: randomInt(this.#random, 1, 4) },
      (_, index) => `${this.transactionalId} ${transaction.number} ${partition} ${this.#next()} ${index}`,
    );
    if (!this.#hasVersion2 && !(await this.#addPartition(partition))) return false;
    const { code } = await this.#send(this.#identity, partition, values, this.#sequences.get(partition) ?? 0);
    if (code !== Errors.NONE) return false;
    this.#sequences.set(partition, (this.#sequences.get(partition) ?? 0) + values.length);
    const known = transaction.values.get(partition);
    if (known === undefined) transaction.values.set(partition, values);
    else known.push(...values);
    return true;
  }

  #made = 0;
  #next(): number {
    return this.#made++;
  }

  async #addPartition(partition: number): Promise<boolean> {
    const request = {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: this.#identity.producerId,
      v3AndBelowProducerEpoch: this.#identity.producerEpoch,
      v3AndBelowTopics: [{ name: OUT, partitions: [partition] }],
    };
    const { code } = await this.#client.settle(AddPartitionsToTxn, 3, request, (answer) => {
      return (
        answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode ?? Errors.UNKNOWN_SERVER_ERROR
      );
    });
    return code === Errors.NONE;
  }

  #send(identity: Identity, partition: number, values: readonly string[], baseSequence: number): Promise<Told> {
    const timestamp = this.#client.clock.nowMs();
    const records = buildBatch(
      values.map((value) => ({ key: null, value: Buffer.from(value), timestamp })),
      { ...identity, baseSequence, isTransactional: true },
    );
    const request = {
      transactionalId: this.transactionalId,
      acks: -1,
      timeoutMs: 1_000,
      topicData: [{ name: OUT, partitionData: [{ index: partition, records }] }],
    };
    return this.#client.settle(Produce, this.#hasVersion2 ? 12 : 11, request, ({ responses }) => {
      return responses[0]?.partitionResponses[0]?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR;
    });
  }

  async #commitOffset(transaction: ModelTransaction): Promise<boolean> {
    if (!this.#hasVersion2) {
      const { transactionalId, groupId } = this;
      const request = { transactionalId, groupId, ...this.#identity };
      const { code } = await this.#client.settle(AddOffsetsToTxn, 3, request, ({ errorCode }) => errorCode);
      if (code !== Errors.NONE) return false;
    }
    return (await this.#sendOffset(this.#identity, transaction.number)).code === Errors.NONE;
  }

  #sendOffset(identity: Identity, offset: number): Promise<Told> {
    const request = {
      transactionalId: this.transactionalId,
      groupId: this.groupId,
      ...identity,
      generationId: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [
        {
          name: IN,
          partitions: [
            { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null },
          ],
        },
      ],
    };
    return this.#client.settle(TxnOffsetCommit, this.#hasVersion2 ? 5 : 4, request, ({ topics }) => {
      return topics[0]?.partitions[0]?.errorCode ?? Errors.UNKNOWN_SERVER_ERROR;
    });
  }

  async #end(transaction: ModelTransaction, committed: boolean): Promise<boolean> {
    if (committed) transaction.fate = 'unknown';
    const request = { transactionalId: this.transactionalId, ...this.#identity, committed };
    const { code, mayHaveBeenDone } = await this.#client.settle(
      EndTxn,
      this.#hasVersion2 ? 5 : 4,
      request,
      (answer) => {
        if (answer.errorCode === Errors.NONE && this.#hasVersion2) {
          this.#identity = { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
          this.#sequences.clear();
        }
        return answer.errorCode;
      },
    );
    if (code === Errors.NONE) transaction.fate = committed ? 'committed' : 'aborted';
    // Too late: the coordinator has aborted it. Only what was not answered may have come before that.
    else if (!mayHaveBeenDone) transaction.fate = 'aborted';
    return code === Errors.NONE;
  }

  /** A zombie writes: it must be told, and nobody may ever read it. */
  async #haunt(): Promise<void> {
    const zombie = this.#zombie;
    if (zombie === undefined) return;
    const { code } = this.#chance(0.5)
      ? await this.#send(zombie, randomInt(this.#random, 0, OUT_PARTITIONS), [`zombie of ${this.transactionalId}`], 0)
      : await this.#sendOffset(zombie, 1_000_000);
    assert(code !== Errors.NONE, 'a producer that was replaced is refused');
  }
}
