// What every model has: a sequence to ask, chances to draw, names of its own, and topics that come, grow and go.
import { batchOf } from '../world.ts';
import type { Chances } from './chances.ts';
import type { Sequence } from './sequence.ts';

const CREATE = 19;
const DELETE = 20;
const GROW = 37;
const PRODUCE = 0;
const OPERATOR = 'operator';

export interface ModelScene {
  readonly sequence: Sequence;
  readonly chances: Chances;
  /** Part of every name: sequences share their brokers. */
  readonly tag: string;
  readonly steps: number;
  readonly nowMs: number;
}
export type Model = (scene: ModelScene) => Promise<void>;

/** Topics of one sequence, with how many partitions each has. */
export class Topics {
  readonly partitions = new Map<string, number>();
  readonly #scene: ModelScene;

  constructor(scene: ModelScene) {
    this.#scene = scene;
  }

  get names(): string[] {
    return [...this.partitions.keys()];
  }

  async create(name: string, numPartitions: number): Promise<void> {
    const topics = [{ name, numPartitions, replicationFactor: 1 }];
    await this.#scene.sequence.ask(OPERATOR, CREATE, 7, { topics, timeoutMs: 10_000 });
    this.partitions.set(name, numPartitions);
    await this.#scene.sequence.settleTopics();
  }

  async fill(name: string, partition: number, count: number): Promise<void> {
    await this.#scene.sequence.ask(OPERATOR, PRODUCE, 9, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [{ name, partitionData: [{ index: partition, records: batchOf(count, this.#scene.nowMs) }] }],
    });
  }

  /** One of the topics grows, goes, or comes back. */
  async change(): Promise<void> {
    const { sequence, chances } = this.#scene;
    const name = chances.of(this.names);
    const count = this.partitions.get(name) ?? 0;
    if (count === 0) return await this.create(name, 1 + chances.below(3));
    if (chances.once(3)) {
      await sequence.ask(OPERATOR, DELETE, 6, { topics: [{ name }], timeoutMs: 10_000 });
      this.partitions.set(name, 0);
    } else {
      await sequence.ask(OPERATOR, GROW, 3, {
        topics: [{ name, count: count + 1, assignments: null }],
        timeoutMs: 10_000,
      });
      this.partitions.set(name, count + 1);
    }
    await sequence.settleTopics();
  }
}
