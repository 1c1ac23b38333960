// What a broker makes up itself (ids of members, of producers, of topics) stands in requests and in answers by its role,
// `«member 2»`, so that two brokers can be asked the same thing and their answers be compared.
import { buildBatch } from '../../../src/protocol/index.ts';

/** A batch that carries the id of a producer, and is therefore not the same for two brokers. */
export interface BatchPlan {
  readonly producerId: unknown;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly count: number;
}

/** The end of a member id that its member has not been told yet. */
const MADE_UP = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g;

export type Body = Readonly<Record<string, unknown>>;

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

export class Symbols {
  readonly #rawOf = new Map<string, unknown>();
  /** Numbers mean something only in the fields of producers. */
  readonly #symbolOfNumber = new Map<string, string>();
  readonly #symbolOfText = new Map<string, string>();
  readonly #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** A later meaning of the same symbol takes the place of the first; answers keep telling of both. */
  learn(symbol: string, raw: unknown): void {
    this.#rawOf.set(symbol, raw);
    if (typeof raw === 'string') this.#symbolOfText.set(raw, symbol);
    else this.#symbolOfNumber.set(String(raw), symbol);
  }

  knows(raw: unknown): boolean {
    return typeof raw === 'string' ? this.#symbolOfText.has(raw) : this.#symbolOfNumber.has(String(raw));
  }

  /** For the wire. */
  raw(value: unknown): unknown {
    if (typeof value === 'string') return this.#rawOf.get(value) ?? value;
    if (Array.isArray(value)) return value.map((element) => this.raw(element));
    if (typeof value !== 'object' || value === null || isBytes(value)) return value;
    const { $batch } = value as { readonly $batch?: BatchPlan };
    if ($batch !== undefined) return this.#batch($batch);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.raw(inner)]));
  }

  #batch(plan: BatchPlan): Buffer {
    const records = Array.from({ length: plan.count }, (_, i) => ({
      key: Buffer.from(`k${i}`),
      value: Buffer.from('v'),
      timestamp: this.#nowMs,
    }));
    return buildBatch(records, { ...plan, producerId: Number(this.raw(plan.producerId)) });
  }

  /** For reading. */
  named(value: unknown, name = ''): unknown {
    if (typeof value === 'string') return this.#namedText(value);
    if (typeof value === 'number' || typeof value === 'bigint') return this.#namedNumber(value, name);
    if (Array.isArray(value)) return value.map((element) => this.named(element, name));
    if (typeof value !== 'object' || value === null || isBytes(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.named(inner, key)]));
  }

  #namedText(text: string): string {
    const whole = this.#symbolOfText.get(text);
    if (whole !== undefined || text.length < 22) return whole ?? text;
    let named = text;
    for (const [raw, symbol] of this.#symbolOfText) named = named.replaceAll(raw, symbol);
    return named.replaceAll(MADE_UP, '«unheard of»');
  }

  #namedNumber(value: number | bigint, name: string): unknown {
    return /producerId$/i.test(name) ? (this.#symbolOfNumber.get(String(value)) ?? value) : value;
  }
}
