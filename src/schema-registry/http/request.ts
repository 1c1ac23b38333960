// What a request says, read as Confluent's registry reads it: subjects with their context and alias, versions, flags, pages, bodies.
import type { Context } from 'hono';
import type { RegistryState } from '../store/registry-state.ts';
import { besides, isDefaultContext, normalSubject } from '../schemas/subjects.ts';
import { LATEST } from '../registry/queries.ts';
import { invalidVersion, RegistryError, unprocessable } from '../schemas/registry-error.ts';

const MOST_VERSION = 2 ** 31 - 1;

export type Json = Readonly<Record<string, unknown>>;

/** The subject of the path, in the place that an alias names. */
export function subjectOf(context: Context, state: RegistryState): string {
  return aliased(state, normalSubject(context.req.param('subject') ?? ''));
}

/** Where config and mode are set: null for all, which the default context stands for. No alias counts. */
export function settingPlaceOf(context: Context): string | null {
  const subject = context.req.param('subject');
  return subject === undefined || isDefaultContext(subject) ? null : normalSubject(subject);
}

/** The subject of the query; undefined: none is named. */
export function querySubject(context: Context, state: RegistryState): string | undefined {
  const subject = context.req.query('subject');
  return subject === undefined ? undefined : aliased(state, normalSubject(subject));
}

function aliased(state: RegistryState, subject: string): string {
  const alias = subject === '' ? undefined : state.config(subject)?.entry.alias;
  return alias === undefined || alias === '' ? subject : besides(subject, alias);
}

/** Throws RegistryError 42202. */
export function versionOf(context: Context): number {
  const text = (context.req.param('version') ?? '').trim();
  if (text.toLowerCase() === 'latest') return LATEST;
  const version = Number(text);
  const isNumber = /^[+-]?\d+$/.test(text) && version <= MOST_VERSION;
  if (!isNumber || (version <= 0 && version !== LATEST)) throw invalidVersion(text);
  return version;
}

/** Throws RegistryError 404 for what is no number, as for a path that is not there. */
export function idOf(context: Context): number {
  const text = context.req.param('id') ?? '';
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new RegistryError(404, 'HTTP 404 Not Found');
  return Number(text);
}

export function flag(context: Context, name: string): boolean {
  return context.req.query(name)?.toLowerCase() === 'true';
}

/** An int of Java. */
const LARGEST_LIMIT = 2 ** 31 - 1;

export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** A limit that makes no sense is the largest one. */
export function pageOf(context: Context, largest = LARGEST_LIMIT): Page {
  const number = (name: string): number => {
    const text = context.req.query(name) ?? '';
    return /^-?\d{1,10}$/.test(text) ? Number(text) : 0;
  };
  const limit = number('limit');
  return { offset: Math.max(0, number('offset')), limit: limit > 0 && limit <= largest ? limit : largest };
}

export function paged<T>(items: readonly T[], { offset, limit }: Page): T[] {
  return items.slice(offset, offset + limit);
}

/** Rejects with RegistryError 400, 413, 422. */
export async function bodyOf(context: Context, mostBytes: number): Promise<Json> {
  const announced = Number(context.req.header('content-length') ?? 0);
  if (announced > mostBytes) throw tooLong(mostBytes);
  const text = await boundedText(context.req.raw, mostBytes);
  if (text.trim() === '') throw unprocessable('The body must not be null');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RegistryError(400, `The body is no JSON: ${error.message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unprocessable('The body must be a JSON object');
  return value as Json;
}

/** Nobody says beforehand how much comes: it ends where it is too much. */
async function boundedText(request: Request, mostBytes: number): Promise<string> {
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > mostBytes) throw tooLong(mostBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function tooLong(mostBytes: number): RegistryError {
  return new RegistryError(413, `The body has more than ${mostBytes} bytes`);
}
