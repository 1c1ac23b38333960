// A golden request aimed at what the broker has: its topics, their ids and partitions, configs that exist, batches that are
// some. Golden values mean nothing, so as they stand hardly any gets beyond the first check.
import { codecOf, EncodeError, Reader, Writer, type MessageSchema } from '../../../src/protocol/index.ts';

export interface Aim {
  readonly ids: ReadonlyMap<string, string>;
  /** Decides what is aimed where. */
  readonly aim: number;
  readonly batches: readonly Buffer[];
}

const CONFIGS = ['retention.ms', 'cleanup.policy', 'compression.type', 'max.message.bytes', 'segment.bytes', 'no.such'];
const VALUES = ['1000', '-1', 'compact,delete', 'zstd', '', null, '99999999999999999999', 'true'];

const NOT_HERE = /non-default \S*\.(\w+) at version|\.(\w+) must not be null/;

export function retargeted(schema: MessageSchema, version: number, body: Buffer, aim: Aim): Buffer {
  const codec = codecOf(schema, version);
  /** Fields that this version lacks, and values that this API cannot do without, stay as they are. */
  const lacking = new Set<string>();
  for (;;) {
    const value = codec.decode(new Reader(body)) as Record<string, unknown>;
    aimAt(value, '', new Choices(aim, lacking));
    const writer = new Writer();
    try {
      codec.encode(writer, value as never);
      return Buffer.concat(writer.finish());
    } catch (error) {
      const [, lacked, needed] = error instanceof EncodeError ? (NOT_HERE.exec(error.message) ?? []) : [];
      const field = lacked ?? needed;
      if (field === undefined || lacking.has(field)) throw error;
      lacking.add(field);
    }
  }
}

/** Draws from the aim, the same for the same one. */
class Choices {
  readonly names: string[];
  readonly ids: string[];
  readonly batches: readonly Buffer[];
  readonly lacking: ReadonlySet<string>;
  #state: number;

  constructor({ ids, aim, batches }: Aim, lacking: ReadonlySet<string>) {
    this.lacking = lacking;
    this.names = [...ids.keys(), 'fresh-1', 'fresh-2'];
    this.ids = [...ids.values()];
    this.batches = batches;
    this.#state = aim;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return (this.#state >>> 8) % limit;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

function aimAt(value: Record<string, unknown>, parent: string, choices: Choices): void {
  for (const [key, old] of Object.entries(value)) {
    if (choices.below(8) === 0 || choices.lacking.has(key)) continue;
    if (Array.isArray(old)) value[key] = old.map((item: unknown) => aimedItem(item, key, choices));
    else if (typeof old === 'object' && old !== null && !(old instanceof Uint8Array))
      aimAt(old as Record<string, unknown>, key, choices);
    else value[key] = aimed(old, key, parent, choices);
  }
}

function aimedItem(item: unknown, key: string, choices: Choices): unknown {
  if (typeof item === 'object' && item !== null && !(item instanceof Uint8Array)) {
    aimAt(item as Record<string, unknown>, key, choices);
    return item;
  }
  return aimed(item, key, '', choices);
}

function aimed(old: unknown, key: string, parent: string, choices: Choices): unknown {
  const isConfig = parent.toLowerCase().includes('config');
  switch (key) {
    case 'name':
      return isConfig ? choices.of(CONFIGS) : choices.of(choices.names);
    case 'topic':
    case 'topicName':
    case 'topicNames':
    case 'resourceName':
      return choices.of(choices.names);
    case 'configurationKeys':
      return choices.of(CONFIGS);
    case 'value':
      return choices.of(VALUES);
    case 'topicId':
      return choices.of(choices.ids);
    case 'partition':
    case 'index':
    case 'partitionIndex':
    case 'partitions':
    case 'partitionIndexes':
      return choices.below(3);
    case 'records':
      return choices.of(choices.batches);
    case 'resourceType':
      return 2;
    case 'maxWaitMs':
    case 'minBytes':
      return choices.below(20);
    case 'timeoutMs':
      return 100;
    case 'acks':
      return choices.of([-1, 1, 0, -1]);
    case 'numPartitions':
    case 'count':
      return choices.below(5);
    case 'replicationFactor':
    case 'brokerIds':
    case 'nodeId':
      return 1;
    case 'sessionId':
    case 'sessionEpoch':
    case 'fetchOffset':
    case 'offset':
    case 'timestamp':
    case 'currentLeaderEpoch':
    case 'lastFetchedEpoch':
    case 'leaderEpoch':
      return choices.below(4) === 0 ? old : choices.below(5) - 1;
    case 'partitionMaxBytes':
    case 'maxBytes':
      return choices.below(2) === 0 ? old : 1 << 20;
    case 'replicaId':
      return -1;
    default:
      return old;
  }
}
