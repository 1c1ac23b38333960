// Schemas out of one cluster and into another, ids, versions and deletions as they are: what stands in the topic, a line of JSON a
// record, in an order in which each can be read behind those before it.
import { type ClientSource, ClusterClient } from '../../client/index.ts';
import { keyFrom, keyText, parsed, type RegistryKey } from '../records/keys.ts';
import type { Kernel } from '../store/kernel.ts';
import { PartitionLog } from '../store/partition-log.ts';
import { readState, topicRecords } from '../store/read-state.ts';
import { ensureTopic } from '../store/schemas-topic.ts';

const DEFAULT_TOPIC = '_schemas';
const REPLICATION_FACTOR = 3;

/** What cannot be brought in; the message names the line. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** `{"key":…,"value":…}` for each key that has a value. Throws KafkaError. */
export async function* exportSchemas(source: ClientSource, topic = DEFAULT_TOPIC): AsyncGenerator<string, void> {
  const opened = open(source);
  try {
    const last = new Map<string, string>();
    for await (const { key: text, value } of topicRecords(opened.client, topic)) {
      const key = keyFrom(text);
      if (key === undefined || key.keytype === 'NOOP') continue;
      const name = keyText(key);
      // As compaction does: a key stands where it was written last.
      last.delete(name);
      if (value !== null && parsed(value) !== undefined) last.set(name, value);
    }
    for (const [key, value] of last) yield `{"key":${key},"value":${value}}`;
  } finally {
    await opened.close();
  }
}

export interface ImportOptions {
  readonly topic?: string;
  /** Also into a topic that has schemas: what has the same subject and version is replaced. */
  readonly force?: boolean;
}

/** How many records were written. Rejects with ImportError (nothing was written), SchemasTopicError or KafkaError. */
export async function importSchemas(
  source: ClientSource,
  lines: AsyncIterable<string>,
  { topic = DEFAULT_TOPIC, force = false }: ImportOptions = {},
): Promise<number> {
  const records: { readonly key: string; readonly value: string }[] = [];
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() !== '') records.push(recordIn(line, number));
  }
  const opened = open(source);
  try {
    await ensureTopic({ client: opened.client, topic, replicationFactor: REPLICATION_FACTOR });
    if (!force) await ensureEmpty(opened.client, topic);
    const log = new PartitionLog(opened.client, topic, 0);
    for (const { key, value } of records) {
      const deadlineMs = opened.client.deadlineIn(opened.client.limits.apiTimeoutMs);
      await opened.client.retrying(deadlineMs, () => log.append(Buffer.from(key), Buffer.from(value), deadlineMs));
    }
    return records.length;
  } finally {
    await opened.close();
  }
}

function recordIn(line: string, number: number): { readonly key: string; readonly value: string } {
  const { key, value } = parsed(line) ?? {};
  const known: RegistryKey | undefined = keyFrom(JSON.stringify(key ?? null));
  if (known === undefined || typeof value !== 'object' || value === null)
    throw new ImportError(`line ${number} is no record of a registry: {"key":{"keytype":…},"value":{…}}`);
  return { key: keyText(known), value: JSON.stringify(value) };
}

async function ensureEmpty(client: Kernel, topic: string): Promise<void> {
  const [subject] = (await readState(client, topic)).subjects();
  if (subject === undefined) return;
  throw new ImportError(`the topic ${topic} has schemas already (${subject}): import into an empty one, or force it`);
}

/** The client is closed unless it was given. */
export function open(source: ClientSource): { readonly client: Kernel; close(): Promise<void> } {
  if ('client' in source) return { client: source.client, close: () => Promise.resolve() };
  const client = new ClusterClient(source);
  return { client, close: () => client.close() };
}
