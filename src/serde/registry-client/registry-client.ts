// A client of a schema registry (Confluent's HTTP API). Schemas never change, so that each id is asked for once, however many
// records wait for it; what was asked for is kept, up to a limit.
import type { Clock, HttpClient, HttpTls, Random } from '../../runtime/index.ts';
import { NodeClock, nodeRandom } from '../../runtime/node/index.ts';
import { PromiseCache } from '../promise-cache.ts';
import { Exchange, type RegistryAuth } from './exchange.ts';
import { RegistryError } from './registry-error.ts';

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF';

export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as it is sent. */
export interface NewSchema {
  readonly schema: string;
  /** AVRO when left out. */
  readonly schemaType?: SchemaType;
  readonly references?: readonly SchemaReference[];
}

export interface StoredSchema {
  readonly schema: string;
  readonly schemaType: SchemaType;
  readonly references: readonly SchemaReference[];
  /** The same in every registry for the same schema; only registries of 2025 and later tell it. */
  readonly guid: string | undefined;
}

export interface SchemaVersion extends StoredSchema {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
}

export interface RegistryClientOptions {
  /** Basic (also as `https://name:password@host`), or a bearer token, which may be asked for each time. */
  readonly auth?: RegistryAuth;
  readonly tls?: HttpTls;
  readonly headers?: Readonly<Record<string, string>>;
  /** For one answer; 10,000 when left out. */
  readonly timeoutMs?: number;
  /** How often all addresses are asked again; 3 when left out. */
  readonly retries?: number;
  /** The first pause between rounds, which doubles; 100 when left out. */
  readonly retryBackoffMs?: number;
  /** Schemas that are kept; 1,000 when left out. */
  readonly cacheSize?: number;
  /** In place of node:http, the clock and chance. */
  readonly world?: { readonly http?: HttpClient; readonly clock?: Clock; readonly random?: Random };
}

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export class RegistryClient {
  readonly clock: Clock;
  private readonly exchange: Exchange;
  private http: Promise<HttpClient> | undefined;
  private isClosed = false;
  private readonly byId: PromiseCache<StoredSchema>;
  private readonly byVersion: PromiseCache<SchemaVersion>;
  private readonly registered: PromiseCache<SchemaVersion>;

  constructor(urls: string | readonly string[], options: RegistryClientOptions = {}) {
    const list = typeof urls === 'string' ? urls.split(',').map((url) => url.trim()) : urls;
    for (const url of list)
      if (!/^https?:\/\//.test(url))
        throw new RegistryError(`${url} is no http: or https: address`, { status: 0, retriable: false });
    const settings = {
      urls: list,
      auth: options.auth,
      headers: options.headers ?? {},
      timeoutMs: options.timeoutMs ?? 10_000,
      retries: options.retries ?? 3,
      retryBackoffMs: options.retryBackoffMs ?? 100,
    };
    const { world = {} } = options;
    const http = () => (this.http ??= openHttp(world.http, options.tls));
    this.clock = world.clock ?? new NodeClock();
    this.exchange = new Exchange(settings, http, this.clock, world.random ?? nodeRandom);
    const limit = options.cacheSize ?? 1000;
    this.byId = new PromiseCache(limit);
    this.byVersion = new PromiseCache(limit);
    this.registered = new PromiseCache(limit);
  }

  /** The addresses, without passwords. */
  get urls(): string {
    return this.exchange.urls;
  }

  /** `subject` tells registries with contexts where the id belongs. Rejects with RegistryError. */
  schemaById(id: number, subject?: string): Promise<StoredSchema> {
    const query = subject === undefined ? '' : `?subject=${encodeURIComponent(subject)}`;
    return this.byId.get(`${id} ${subject ?? ''}`, async () => stored(await this.get(`/schemas/ids/${id}${query}`)));
  }

  schemaByGuid(guid: string): Promise<StoredSchema> {
    if (!GUID.test(guid)) throw new RegistryError(`${guid} is no GUID`, { status: 0, retriable: false });
    return this.byId.get(guid, async () => stored(await this.get(`/schemas/guids/${guid}`)));
  }

  /** A numbered version never changes; `latest` is looked up each time. */
  version(subject: string, version: number | 'latest'): Promise<SchemaVersion> {
    const look = async () => versioned(await this.get(`/subjects/${encodeURIComponent(subject)}/versions/${version}`));
    return version === 'latest' ? look() : this.byVersion.get(`${version} ${subject}`, look);
  }

  /** The id of the schema under the subject, which it has afterwards if it had not before. `version` is 0 where the registry does not tell it. */
  register(subject: string, schema: NewSchema, how: { readonly normalize?: boolean } = {}): Promise<SchemaVersion> {
    return this.ofSchema('register', subject, schema, `/versions${how.normalize === true ? '?normalize=true' : ''}`);
  }

  /** As `register`, but for a schema that is there: 40403 otherwise. */
  lookup(subject: string, schema: NewSchema, how: { readonly normalize?: boolean } = {}): Promise<SchemaVersion> {
    return this.ofSchema('lookup', subject, schema, how.normalize === true ? '?normalize=true' : '');
  }

  /** Texts of all that the schema refers to, by name, each after those that it needs itself. */
  async resolve(references: readonly SchemaReference[]): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    await this.collect(references, texts, new Set());
    return texts;
  }

  subjects(): Promise<string[]> {
    return this.get('/subjects');
  }

  versions(subject: string): Promise<number[]> {
    return this.get(`/subjects/${encodeURIComponent(subject)}/versions`);
  }

  /** Whether the schema may become a version of the subject, and why not. */
  async compatible(
    subject: string,
    schema: NewSchema,
    version: number | 'latest' = 'latest',
  ): Promise<{ isCompatible: boolean; messages: string[] }> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/${version}?verbose=true`;
    const answer = await this.call<{ is_compatible: boolean; messages?: string[] }>('POST', path, schema);
    return { isCompatible: answer.is_compatible, messages: answer.messages ?? [] };
  }

  /** What is kept is forgotten; connections end. */
  close(): void {
    this.isClosed = true;
    for (const cache of [this.byId, this.byVersion, this.registered]) cache.clear();
    void this.http?.then((http) => http.close());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private ofSchema(kind: string, subject: string, schema: NewSchema, rest: string): Promise<SchemaVersion> {
    const key = [
      kind,
      subject,
      rest,
      schema.schemaType ?? 'AVRO',
      JSON.stringify(schema.references ?? []),
      schema.schema,
    ].join('\0');
    return this.registered.get(key, async () => {
      const answer = await this.call<Partial<SchemaVersion>>(
        'POST',
        `/subjects/${encodeURIComponent(subject)}${rest}`,
        schema,
      );
      const { schemaType = 'AVRO', references = [] } = schema;
      return {
        version: 0,
        guid: undefined,
        ...answer,
        id: answer.id ?? 0,
        subject,
        schema: schema.schema,
        schemaType,
        references,
      };
    });
  }

  private async collect(
    references: readonly SchemaReference[],
    texts: Map<string, string>,
    open: Set<string>,
  ): Promise<void> {
    for (const { name, subject, version } of references) {
      if (texts.has(name) || open.has(name)) continue;
      open.add(name);
      const found = await this.version(subject, version);
      await this.collect(found.references, texts, open);
      texts.set(name, found.schema);
    }
  }

  private get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  private call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    if (this.isClosed)
      return Promise.reject(
        new RegistryError('the client of the schema registry is closed', { status: 0, retriable: false }),
      );
    return this.exchange.call<T>(method, path, body);
  }
}

async function openHttp(given: HttpClient | undefined, tls: HttpTls | undefined): Promise<HttpClient> {
  return given ?? (await import('../../runtime/node/http-client.ts')).nodeHttpClient(tls);
}

function stored(answer: Partial<StoredSchema>): StoredSchema {
  const { schema = '', schemaType = 'AVRO', references = [], guid } = answer;
  return { schema, schemaType, references, guid };
}

function versioned(answer: Partial<SchemaVersion>): SchemaVersion {
  const { subject = '', version = 0, id = 0 } = answer;
  return { ...stored(answer), subject, version, id };
}

/** One address, or several of one registry, of which the next is asked when one does not answer. */
export function registryClient(urls: string | readonly string[], options?: RegistryClientOptions): RegistryClient {
  return new RegistryClient(urls, options);
}
