// A member of a group that reads on and on and remembers what it has read.

import { type ClientError, type ConsumedRecord, Consumer, type ConsumerOptions } from '../../../src/client/index.ts';
import { told, until } from '../checks.ts';
import type { Session } from './session.ts';

export const text = (value: Uint8Array | null): string => Buffer.from(value ?? []).toString();

export class Member {
  readonly consumer: Consumer;
  readonly received: ConsumedRecord[] = [];
  readonly errors: string[] = [];
  /** How many times it was given partitions. */
  assigned = 0;
  readonly #reading: Promise<void>;

  private constructor({ cluster }: Session, options: ConsumerOptions) {
    this.consumer = new Consumer({
      client: cluster,
      autoOffsetReset: 'earliest',
      heartbeatIntervalMs: 300,
      sessionTimeoutMs: 10_000,
      maxWaitMs: 100,
      ...options,
      onAssigned: async (places) => {
        this.assigned += places.length > 0 ? 1 : 0;
        await options.onAssigned?.(places);
      },
    });
    this.#reading = this.#read();
  }

  /** Has joined when it resolves, though it may have been given nothing. */
  static async start(session: Session, options: ConsumerOptions): Promise<Member> {
    const member = new Member(session, options);
    await until(
      () => member.consumer.groupMetadata().generationId > 0 || member.errors.length > 0,
      () => `a place in the group: ${member.errors.join()}`,
    );
    return member;
  }

  get values(): string[] {
    return this.received.map(({ value }) => text(value));
  }

  /** As `topic:partition`, sorted. */
  get owned(): string[] {
    const places = this.consumer.assignment().sort((a, b) => a.partition - b.partition);
    return places.map(({ topic, partition }) => `${topic}:${partition}`);
  }

  async has(count: number): Promise<void> {
    await until(
      () => this.received.length >= count,
      () => `${count} records, has ${this.received.length}: ${this.errors.join()}`,
    );
  }

  async stop(): Promise<void> {
    await this.consumer.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      for await (const record of this.consumer) this.received.push(record);
    } catch (error) {
      this.errors.push(`${(error as ClientError).code ?? ''} ${told(error)}`);
    }
  }
}

/** -1: nothing. */
export async function committed({ cluster }: Session, group: string, topic: string, partition = 0): Promise<number> {
  await using consumer = new Consumer({ client: cluster, group });
  const [found] = await consumer.committed([{ topic, partition }]);
  return found?.offset ?? -1;
}
