// Calls to a registry of several addresses: the next one is asked when one does not answer or is in trouble, the whole round a few
// times, with a growing pause between. Registering and looking up may be repeated without harm.
import { type Clock, delay, type HttpClient, type HttpReply, type Random } from '../../runtime/index.ts';
import { adviceOf, RegistryError } from './registry-error.ts';

export type RegistryAuth =
  | { readonly username: string; readonly password: string }
  | { readonly token: string | (() => string | Promise<string>) };

export interface ExchangeSettings {
  readonly urls: readonly string[];
  readonly auth: RegistryAuth | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Rounds through all addresses after the first. */
  readonly retries: number;
  readonly retryBackoffMs: number;
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const IN_TROUBLE = new Set([408, 429, 500, 502, 503, 504]);

export class Exchange {
  private readonly settings: ExchangeSettings;
  private readonly http: () => Promise<HttpClient>;
  private readonly clock: Clock;
  private readonly random: Random;
  /** Of the address that answered last. */
  private first = 0;

  constructor(settings: ExchangeSettings, http: () => Promise<HttpClient>, clock: Clock, random: Random) {
    this.settings = settings;
    this.http = http;
    this.clock = clock;
    this.random = random;
  }

  get urls(): string {
    return this.settings.urls.map(withoutSecrets).join(', ');
  }

  /** Rejects with RegistryError. */
  async call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { urls, retries } = this.settings;
    let trouble: RegistryError | undefined;
    for (let round = 0; round <= retries; round++) {
      if (round > 0) await this.pause(round);
      for (let at = 0; at < urls.length; at++) {
        const index = (this.first + at) % urls.length;
        const url = urls[index] ?? '';
        const reply = await this.ask(method, url, path, body);
        if (reply instanceof RegistryError) trouble = reply;
        else {
          this.first = index;
          return parsed<T>(reply, url);
        }
        if (!reply.retriable) throw reply;
      }
    }
    throw trouble ?? new RegistryError('no address of a registry is given', { status: 0, retriable: false });
  }

  private async ask(
    method: 'GET' | 'POST',
    url: string,
    path: string,
    body: unknown,
  ): Promise<HttpReply | RegistryError> {
    const target = new URL(url);
    target.pathname = target.pathname.replace(/\/$/, '') + path.split('?', 1)[0];
    target.search = path.includes('?') ? path.slice(path.indexOf('?')) : '';
    const headers = {
      accept: CONTENT_TYPE,
      ...(body !== undefined && { 'content-type': CONTENT_TYPE }),
      ...this.settings.headers,
    };
    const authorization = await this.authorization(target);
    target.username = '';
    target.password = '';
    try {
      const http = await this.http();
      const reply = await http.call({
        method,
        url: target.href,
        headers: authorization === undefined ? headers : { ...headers, authorization },
        timeoutMs: this.settings.timeoutMs,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return reply.status >= 200 && reply.status < 300 ? reply : errorOf(reply, target);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
      return new RegistryError(`The schema registry ${target.origin} cannot be reached: ${reason}`, {
        status: 0,
        retriable: true,
        cause,
        advice: 'Make sure that the registry runs and that its address is right.',
      });
    }
  }

  private async authorization(target: URL): Promise<string | undefined> {
    const { auth } = this.settings;
    if (auth !== undefined && 'token' in auth)
      return `Bearer ${typeof auth.token === 'string' ? auth.token : await auth.token()}`;
    const [username, password] =
      auth === undefined
        ? [decodeURIComponent(target.username), decodeURIComponent(target.password)]
        : [auth.username, auth.password];
    return username === '' ? undefined : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  private pause(round: number): Promise<void> {
    const longest = this.settings.retryBackoffMs * 2 ** (round - 1);
    return delay(this.clock, longest / 2 + (longest / 2) * this.random.next());
  }
}

function parsed<T>(reply: HttpReply, url: string): T {
  try {
    return JSON.parse(reply.body) as T;
  } catch (cause) {
    throw new RegistryError(
      `${withoutSecrets(url)} has answered with something that is no JSON; is it a schema registry?`,
      {
        status: reply.status,
        retriable: false,
        cause,
      },
    );
  }
}

function errorOf(reply: HttpReply, target: URL): RegistryError {
  const { error_code: errorCode, message } = errorBody(reply.body);
  const advice = adviceOf(reply.status, errorCode ?? reply.status);
  const text = message ?? `the answer has status ${reply.status}`;
  return new RegistryError(`The schema registry ${target.origin} says: ${text} (${errorCode ?? reply.status})`, {
    status: reply.status,
    retriable: IN_TROUBLE.has(reply.status),
    ...(errorCode !== undefined && { errorCode }),
    ...(advice !== undefined && { advice }),
  });
}

function errorBody(body: string): { error_code?: number; message?: string } {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? json : {};
  } catch {
    return {};
  }
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
