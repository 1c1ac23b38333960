// Which topics hold records of which schema: what one wants to know before a schema is deleted for good.
import type { ClientSource } from '../../client/index.ts';
import { idsOfGuid } from '../registry/queries.ts';
import { DEFAULT_CONTEXT } from '../schemas/subjects.ts';
import { readState } from '../store/read-state.ts';
import { open } from '../transfer/transfer.ts';
import { type Framed, framed } from './framing.ts';
import { newestRecords, topicNames } from './topic-records.ts';

export interface UsedOptions {
  /** All ids when left out. */
  readonly id?: number;
  /** All topics but Kafka's own when left out. */
  readonly topics?: readonly string[];
  /** Only so many of the newest records of each topic. */
  readonly last?: number;
  /** Only ids of this context, with its dot (`.staging`); of all contexts when left out: the bytes do not say which. */
  readonly context?: string;
  /** That of the registry; `_schemas` when left out. */
  readonly schemasTopic?: string;
}

/** Records of one partition that carry one id, in their key or in their value. */
export interface UsedId {
  readonly id: number;
  /** Those in which a schema has the id: the default one is `.`. None: no schema has it. */
  readonly contexts: readonly string[];
  readonly topic: string;
  readonly partition: number;
  readonly part: 'key' | 'value';
  readonly records: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Topic by topic. Throws KafkaError. */
export async function* usedIds(source: ClientSource, options: UsedOptions = {}): AsyncGenerator<UsedId, void> {
  const { id, schemasTopic = '_schemas', last = Number.POSITIVE_INFINITY } = options;
  const opened = open(source);
  const { client } = opened;
  try {
    const state = await readState(client, schemasTopic);
    const contexts = options.context === undefined ? [DEFAULT_CONTEXT, ...state.namedContexts()] : [options.context];
    const idOf = ({ by }: Framed): number | undefined =>
      'id' in by ? by.id : idsOfGuid(state, by.guid).find(({ context }) => contexts.includes(context))?.id;
    const contextsOf = (one: number): string[] =>
      contexts.filter((context) => state.index(context).placesOf(one) !== undefined);
    const names = options.topics ?? (await topicNames(client)).filter((name) => name !== schemasTopic);
    for (const topic of names) {
      const found = new Map<string, UsedId>();
      for await (const { partition, offset, headers, ...parts } of newestRecords(client, topic, last)) {
        for (const part of ['key', 'value'] as const) {
          const bytes = parts[part];
          const frame = bytes === null ? undefined : framed(bytes, part, headers);
          const one = frame === undefined ? undefined : idOf(frame);
          if (one === undefined || (id !== undefined && one !== id)) continue;
          const known = contextsOf(one);
          // Bytes that begin as an id does are one only where a schema has it.
          if (known.length === 0 && id === undefined) continue;
          const place = `${part} ${one} ${partition}`;
          const before = found.get(place) ?? {
            id: one,
            contexts: known,
            topic,
            partition,
            part,
            records: 0,
            firstOffset: offset,
            lastOffset: offset,
          };
          found.set(place, { ...before, records: before.records + 1, lastOffset: offset });
        }
      }
      yield* found.values();
    }
  } finally {
    await opened.close();
  }
}
