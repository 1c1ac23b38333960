// What the modes of `ottla cat` share: the client, what was asked for, and kcat's way of saying things.
import type { ClusterClient } from '../../client/index.ts';
import type { SchemaCodec } from '../schemas/schema-codec.ts';
import type { ToolIo } from '../tool-io.ts';
import { CatFailure } from './cat-failure.ts';
import type { CompleteOptions } from './cat-options.ts';
import type { CatProperties } from './cat-properties.ts';
import { brokerErrorText, LOCAL } from './librdkafka-errors.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';

export class CatContext {
  readonly io: ToolIo;
  readonly options: CompleteOptions;
  readonly properties: CatProperties;
  readonly client: ClusterClient;

  constructor(io: ToolIo, options: CompleteOptions, properties: CatProperties, client: ClusterClient) {
    this.io = io;
    this.options = options;
    this.properties = properties;
    this.client = client;
  }

  /** Loaded when keys or values are to be decoded or encoded by a registry. */
  async codec(): Promise<SchemaCodec | undefined> {
    const { serdes, registry } = this.options;
    const isWanted = [serdes.key, serdes.value].some((one) => one !== undefined && 'serde' in one);
    if (!isWanted || registry === undefined) return undefined;
    const { SchemaCodec: Codec } = await import('../schemas/schema-codec.ts');
    const [username, password = ''] = this.property('schema.registry.basic.auth.user.info')?.split(':') ?? [];
    return new Codec(registry.replace(/\/+$/, ''), username === undefined ? undefined : { username, password });
  }

  /** A line of information, from a verbosity on: 1 unless -q, 2 with -v. */
  info(verbosity: number, line: string): void {
    if (this.options.verbosity >= verbosity) this.io.stderr.write(`% ${line}\n`);
  }

  /** An error that ends the program unless -E was given. */
  error(message: string): void {
    if (this.options.isExitingOnError) throw new CatFailure(`${message}: terminating`);
    this.io.stderr.write(`% ERROR: ${message}\n`);
  }

  get deadlineMs(): number {
    return this.client.deadlineIn(this.options.metadataTimeoutMs);
  }

  property(...names: readonly string[]): string | undefined {
    return names.map((name) => this.properties.get(name)).find((value) => value !== undefined);
  }

  numberProperty(...names: readonly string[]): number | undefined {
    const text = this.property(...names);
    return text === undefined || !/^-?\d+$/.test(text) ? undefined : Number(text);
  }
}

/** librdkafka's words for what the client rejects with. Errors of programs are thrown on. */
export function catErrorText(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) throw error;
  if (code === Errors.NETWORK_EXCEPTION || code === Errors.BROKER_NOT_AVAILABLE) return LOCAL.transport;
  if (code === Errors.REQUEST_TIMED_OUT) return LOCAL.timedOut;
  return brokerErrorText(code);
}

function codeOf(error: unknown): number | undefined {
  if (error instanceof KafkaError) return error.code;
  const { code } = error as { code?: unknown };
  return error instanceof Error && typeof code === 'string'
    ? (Errors as Readonly<Record<string, number>>)[code]
    : undefined;
}
