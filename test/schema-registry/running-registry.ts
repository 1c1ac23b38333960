// A broker with a registry over it, and how tests call it.
import { ClusterClient } from '../../src/client/index.ts';
import { startBroker, type StartOptions } from '../../src/index.ts';
import { type RegistryOptions, type SchemaRegistry, startSchemaRegistry } from '../../src/schema-registry/index.ts';
import { PartitionLog } from '../../src/schema-registry/store/partition-log.ts';

export interface Answer {
  readonly status: number;
  readonly body: any;
  readonly headers: Headers;
}

export interface Running {
  readonly broker: Awaited<ReturnType<typeof startBroker>>;
  readonly registry: SchemaRegistry;
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** Keys and values of the topic from its start on. */
  readonly records: () => Promise<{ key: string; value: string | null }[]>;
  readonly close: () => Promise<void>;
}

/** Alone on its topic unless the options say otherwise. */
export async function startRegistry(options: RegistryOptions = {}, start: StartOptions = {}): Promise<Running> {
  const broker = await startBroker({ profile: 'test', ...start });
  const registry = await startSchemaRegistry({
    brokers: broker.bootstrapServers,
    port: 0,
    election: false,
    ...options,
  });
  return {
    broker,
    registry,
    call: (method, path, body, headers) => callAt(registry.url, method, path, body, headers),
    records: () => recordsOf(broker.bootstrapServers),
    close: async () => {
      await registry.close();
      await broker.close();
    },
  };
}

export async function callAt(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/vnd.schemaregistry.v1+json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /^[[{"0-9]/.test(text);
  return { status: answer.status, body: isJson ? JSON.parse(text) : text, headers: answer.headers };
}

export async function recordsOf(brokers: string): Promise<{ key: string; value: string | null }[]> {
  const client = new ClusterClient({ brokers });
  try {
    const log = new PartitionLog(client, '_schemas', 0);
    const end = await log.bound('latest');
    const found: { key: string; value: string | null }[] = [];
    for (let offset = await log.bound('earliest'); offset < end; ) {
      const { records, nextOffset } = await log.read(offset, 0);
      for (const { key, value } of records) {
        found.push({
          key: Buffer.from(key ?? []).toString(),
          value: value === null ? null : Buffer.from(value).toString(),
        });
      }
      offset = nextOffset;
    }
    return found;
  } finally {
    await client.close();
  }
}

/** Writes as somebody else would. */
export async function writeRecord(
  brokers: string,
  key: string,
  value: string | null,
  topic = '_schemas',
): Promise<void> {
  const client = new ClusterClient({ brokers });
  try {
    const bytes = value === null ? null : Buffer.from(value);
    await new PartitionLog(client, topic, 0).append(Buffer.from(key), bytes, client.deadlineIn(5000));
  } finally {
    await client.close();
  }
}

export const record = (name: string, ...fields: unknown[]): string => JSON.stringify({ type: 'record', name, fields });
