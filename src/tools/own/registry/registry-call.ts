// One call of a registry with Confluent's API.
import type { CommandContext } from '../command-frame.ts';
import { registryOf } from '../connection.ts';
import { Failure } from '../failure.ts';
import { contextNamed } from './context-name.ts';

export interface At {
  readonly registry?: string;
  readonly context?: string;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: object;
}

/** An answer that is no success. */
export class RegistryRefusal extends Failure {
  /** Of HTTP. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const CONTENT = 'application/vnd.schemaregistry.v1+json';

/** Rejects with RegistryRefusal in the registry's words, and with Failure where there is no answer. */
export async function call<T>(
  context: CommandContext,
  { registry, context: name }: At,
  plainPath: string,
  { method = 'GET', body }: Call = {},
): Promise<T> {
  const url = registryOf(registry === undefined ? context.settings : { registry });
  if (url === undefined)
    throw new Failure('say where the registry is: --registry http://127.0.0.1:8081, or -X registry.hosts=...');
  const path = name === undefined ? plainPath : `/contexts/${encodeURIComponent(contextNamed(name))}${plainPath}`;
  const { user, pass } = context.settings;
  const login =
    user === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${pass ?? ''}`).toString('base64')}` };
  let answer: Response;
  try {
    answer = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method,
      headers: { accept: CONTENT, ...(body !== undefined && { 'content-type': CONTENT }), ...login },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([context.io.signal, AbortSignal.timeout(context.timeoutMs)]),
    });
  } catch (error) {
    throw new Failure(`the registry at ${url} does not answer (${causeOf(error)})`);
  }
  const content = (await answer.json().catch(() => undefined)) as { error_code?: number; message?: string } | undefined;
  if (answer.ok) return content as T;
  const why = `the registry says ${content?.error_code ?? answer.status}: ${content?.message ?? answer.statusText}`;
  throw new RegistryRefusal(why, answer.status);
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

export const of = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;
