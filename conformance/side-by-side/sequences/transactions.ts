// Producers with one transactional id, and an idempotent one: transactions in order and out of order, fenced and come back.
import type { Answer } from './sequence.ts';
import { type ModelScene, Topics } from './scene.ts';

interface Producer {
  readonly client: string;
  readonly transactionalId: string | null;
  id: string | number;
  epoch: number;
  /** By topic and partition. */
  sequences: Map<string, number>;
}

/** From these on the servers adds partitions itself, and gives a new epoch at every end (KIP-890). */
const SECOND = { produce: 12, end: 5, commit: 5 };

export async function transactionsModel(scene: ModelScene): Promise<void> {
  const topics = new Topics(scene);
  await topics.create(`t0-${scene.tag}`, 2);
  const producers = new Producers(scene, topics);
  for (let i = 0; i < scene.steps; i++) await producers.step();
}

class Producers {
  readonly #scene: ModelScene;
  readonly #topics: Topics;
  readonly #producers: Producer[];
  readonly #isSecond: boolean;
  readonly #group: string;

  constructor(scene: ModelScene, topics: Topics) {
    this.#scene = scene;
    this.#topics = topics;
    this.#isSecond = scene.chances.once(2);
    this.#group = `g-${scene.tag}`;
    const one = `tx-${scene.tag}`;
    this.#producers = [one, one, `other-${scene.tag}`, null].map((transactionalId, place) => ({
      client: `p${place}`,
      transactionalId,
      id: -1,
      epoch: -1,
      sequences: new Map(),
    }));
  }

  async step(): Promise<void> {
    const { chances } = this.#scene;
    const producer = chances.of([this.#producers[0], this.#producers[0], ...this.#producers] as Producer[]);
    if (producer.id === -1 && !chances.once(8)) return await this.#init(producer);
    const weights = { produce: 9, add: 4, end: 5, init: 1, offsets: 4, read: 5, look: 5, topics: 1, mixed: 2 };
    switch (chances.weighed(weights)) {
      case 'produce':
        return await this.#produce(producer);
      case 'add':
        return await this.#add(producer);
      case 'end':
        return await this.#end(producer);
      case 'init':
        return await this.#init(producer);
      case 'offsets':
        return await this.#offsets(producer);
      case 'read':
        return await this.#read();
      case 'look':
        return await this.#look(producer);
      case 'mixed':
        return await this.#fetchOffsets();
      default:
        return await this.#topics.change();
    }
  }

  /** Which of two behaviours, but now and then the other one's. */
  #version(low: number, high: number, second: number): number {
    const { chances } = this.#scene;
    const isSecond = chances.mostly(this.#isSecond, 12, [true, false]);
    return isSecond ? chances.version(second, high) : chances.version(low, second - 1);
  }
  #who(producer: Producer): { transactionalId: string | null; producerId: unknown; producerEpoch: number } {
    const { chances } = this.#scene;
    return {
      transactionalId: producer.transactionalId,
      producerId: chances.mostly(
        producer.id,
        25,
        this.#producers.map(({ id }) => id),
      ),
      producerEpoch: chances.mostly(producer.epoch, 14, [producer.epoch - 1, producer.epoch + 1, 0]),
    };
  }
  #topic(): string {
    return this.#scene.chances.mostly(this.#topics.names[0] as string, 30, ['missing']);
  }

  async #init(producer: Producer): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = chances.version(0, 5);
    const isKnown = version >= 3 && producer.id !== -1 && chances.once(2);
    const body = {
      transactionalId: producer.transactionalId,
      transactionTimeoutMs: chances.mostly(60_000, 30, [0, 2_000_000_000]),
      ...(isKnown
        ? {
            producerId: producer.id,
            producerEpoch: chances.mostly(producer.epoch, 5, [producer.epoch - 1, producer.epoch + 1]),
          }
        : {}),
    };
    await sequence.ask(producer.client, 22, version, body, (answer) => {
      if (answer.errorCode !== 0) return;
      producer.id = answer.producerId;
      producer.epoch = answer.producerEpoch;
      producer.sequences = new Map();
    });
    await this.#settle();
  }

  async #settle(): Promise<void> {
    await this.#scene.sequence.wait(40);
  }

  async #produce(producer: Producer): Promise<void> {
    const { sequence, chances } = this.#scene;
    const version = this.#version(3, 13, SECOND.produce);
    const name = this.#topic();
    const index = chances.of([0, 0, 1]);
    const key = `${name} ${index}`;
    const next = producer.sequences.get(key) ?? 0;
    const count = 1 + chances.below(3);
    const { producerId, producerEpoch } = this.#who(producer);
    const isTransactional = chances.mostly(producer.transactionalId !== null, 25, [true, false]);
    const baseSequence = chances.mostly(next, 7, [0, next + 1, Math.max(next - 1, 0), Math.max(next - count, 0)]);
    const records = { $batch: { producerId, producerEpoch, baseSequence, isTransactional, count } };
    const partitionData = [{ index, records }];
    const topic = version >= 13 ? { topicId: `id of ${name}`, partitionData } : { name, partitionData };
    const body = {
      transactionalId: isTransactional ? producer.transactionalId : null,
      acks: -1,
      timeoutMs: 10_000,
      topicData: [topic],
    };
    await sequence.ask(producer.client, 0, version, body, ({ responses }) => {
      if (responses?.[0]?.partitionResponses[0]?.errorCode !== 0) return;
      producer.sequences.set(key, baseSequence + count);
    });
  }

  async #add(producer: Producer): Promise<void> {
    const { sequence, chances } = this.#scene;
    const topics = [{ name: this.#topic(), partitions: chances.of([[0], [0, 1], [1], [7]]) }];
    const { transactionalId, producerId, producerEpoch } = this.#who(producer);
    if (chances.once(6)) {
      const transactions = [
        { transactionalId: transactionalId ?? '', producerId, producerEpoch, verifyOnly: chances.once(2), topics },
      ];
      return await sequence.ask(producer.client, 24, chances.version(4, 5), { transactions });
    }
    await sequence.ask(producer.client, 24, chances.version(0, 3), {
      v3AndBelowTransactionalId: transactionalId ?? '',
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: topics,
    });
  }

  async #end(producer: Producer): Promise<void> {
    const { sequence, chances } = this.#scene;
    const { transactionalId, producerId, producerEpoch } = this.#who(producer);
    const version = this.#version(0, 5, SECOND.end);
    const body = { transactionalId: transactionalId ?? '', producerId, producerEpoch, committed: !chances.once(3) };
    await sequence.ask(producer.client, 26, version, body, (answer) => this.#ended(producer, version, answer));
    await this.#settle();
  }

  #ended(producer: Producer, version: number, answer: Answer): void {
    if (answer.errorCode !== 0) return;
    if (version < SECOND.end) return;
    producer.id = answer.producerId;
    if (answer.producerEpoch !== producer.epoch) producer.sequences = new Map();
    producer.epoch = answer.producerEpoch;
  }

  async #offsets(producer: Producer): Promise<void> {
    const { sequence, chances } = this.#scene;
    const who = this.#who(producer);
    const transactionalId = who.transactionalId ?? '';
    const groupId = this.#group;
    if (chances.once(3)) {
      return await sequence.ask(producer.client, 25, chances.version(0, 4), { ...who, transactionalId, groupId });
    }
    const version = this.#version(0, 5, SECOND.commit);
    const partitions = [
      { partitionIndex: chances.of([0, 1, 9]), committedOffset: chances.below(9), committedMetadata: '' },
    ];
    await sequence.ask(producer.client, 28, version, {
      ...who,
      transactionalId,
      groupId,
      ...(version >= 3
        ? { memberId: chances.mostly('', 6, ['stranger']), generationId: chances.mostly(-1, 6, [1]) }
        : {}),
      topics: [{ name: this.#topic(), partitions }],
    });
  }

  async #fetchOffsets(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const groups = [
      { groupId: this.#group, topics: chances.once(2) ? null : [{ name: this.#topic(), partitionIndexes: [0, 1] }] },
    ];
    const admin = chances.below(5);
    if (admin === 0) return await sequence.ask('operator', 42, 2, { groupsNames: [this.#group] });
    if (admin === 1) {
      const topics = [{ name: this.#topic(), partitions: [{ partitionIndex: 0 }] }];
      return await sequence.ask('operator', 47, 0, { groupId: this.#group, topics });
    }
    // UNSTABLE_OFFSET_COMMIT while a transaction is open.
    await sequence.ask('reader', 9, 8, { groups, requireStable: chances.once(2) });
  }

  async #read(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const name = this.#topic();
    const isolationLevel = chances.of([0, 1, 1]);
    if (chances.once(2)) {
      const timestamp = chances.of([-1, -1, -2, -3, -4, 0]);
      const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp }));
      return await sequence.ask('reader', 2, chances.version(7, 11), {
        replicaId: -1,
        isolationLevel,
        topics: [{ name, partitions }],
      });
    }
    const partitions = [0, 1].map((partition) => ({
      partition,
      fetchOffset: chances.of([0, 0, 1, 3]),
      partitionMaxBytes: chances.of([1_000_000, 100]),
    }));
    await sequence.ask('reader', 1, chances.version(4, 12), {
      maxWaitMs: 0,
      minBytes: 0,
      isolationLevel,
      topics: [{ topic: name, partitions }],
    });
  }

  async #look(producer: Producer): Promise<void> {
    const { sequence, chances, tag } = this.#scene;
    switch (chances.below(3)) {
      case 0:
        return await sequence.ask('operator', 65, 0, { transactionalIds: [producer.transactionalId ?? 'none'] });
      case 1: {
        const stateFilters = chances.of([[], ['Ongoing'], ['CompleteCommit', 'CompleteAbort', 'Empty']]);
        return await sequence.ask('operator', 66, 2, { stateFilters, transactionalIdPattern: `.*${tag}` });
      }
      default:
        return await sequence.ask('operator', 61, 0, { topics: [{ name: this.#topic(), partitionIndexes: [0, 1] }] });
    }
  }
}
