// Records of one partition as kafkajs hands them out: offsets and times are texts.
import type { ConsumedRecord } from '../consumer/consumed-record.ts';

export interface KafkaMessage {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: string;
  readonly offset: string;
  readonly attributes: number;
  readonly size: number;
  /** A header that stands there several times has a list. */
  readonly headers: Readonly<Record<string, Uint8Array | (Uint8Array | undefined)[] | undefined>>;
}

export class PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly KafkaMessage[];

  private constructor(records: readonly ConsumedRecord[], highWatermark: number) {
    const [first] = records as [ConsumedRecord];
    this.topic = first.topic;
    this.partition = first.partition;
    this.highWatermark = String(highWatermark);
    this.messages = records.map(messageOf);
  }

  /** One for each partition, in the order in which they first come. */
  static of(
    records: readonly ConsumedRecord[],
    highWatermarkOf: (topic: string, partition: number) => number | undefined,
  ): PartitionBatch[] {
    const found = new Map<string, ConsumedRecord[]>();
    for (const record of records) {
      const place = `${record.topic}-${record.partition}`;
      const list = found.get(place);
      if (list === undefined) found.set(place, [record]);
      else list.push(record);
    }
    return [...found.values()].map((list) => {
      const { topic, partition, offset } = list.at(-1) as ConsumedRecord;
      return new PartitionBatch(list, highWatermarkOf(topic, partition) ?? offset + 1);
    });
  }

  isEmpty(): boolean {
    return this.messages.length === 0;
  }

  firstOffset(): string {
    return (this.messages[0] as KafkaMessage).offset;
  }

  lastOffset(): string {
    return (this.messages.at(-1) as KafkaMessage).offset;
  }

  /** Records behind the last one of the batch. */
  offsetLag(): string {
    return String(Math.max(0, Number(this.highWatermark) - 1 - Number(this.lastOffset())));
  }

  offsetLagLow(): string {
    return String(Math.max(0, Number(this.highWatermark) - 1 - Number(this.firstOffset())));
  }
}

function messageOf({ key, value, timestamp, offset, headers, keySize, valueSize }: ConsumedRecord): KafkaMessage {
  const named: Record<string, Uint8Array | (Uint8Array | undefined)[] | undefined> = {};
  for (const header of headers) {
    const before = named[header.key];
    const bytes = header.value ?? undefined;
    if (!(header.key in named)) named[header.key] = bytes;
    else named[header.key] = Array.isArray(before) ? [...before, bytes] : [before, bytes];
  }
  const size = Math.max(0, keySize) + Math.max(0, valueSize);
  return { key, value, timestamp: String(timestamp), offset: String(offset), attributes: 0, size, headers: named };
}
