// /compatibility: would this schema be taken? And, which no other registry answers: can what the topic holds be read with it
// (`?data=last:10000`)?
import { type Context, Hono } from 'hono';
import type { StoredSchema } from '../schemas/entities.ts';
import { candidateFrom } from '../registry/candidate.ts';
import { incompatibilities } from '../registry/compatibility.ts';
import { LATEST, schemaAt, versionsOf } from '../registry/queries.ts';
import { invalidSchema, RegistryError, unprocessable, versionNotFound } from '../schemas/registry-error.ts';
import { configInScope, type ConfigInScope } from '../registry/scope.ts';
import { answer } from './answers.ts';
import { bodyOf, flag, subjectOf, versionOf } from './request.ts';
import type { RegistryService } from './service.ts';

const INVALID_SCHEMA = 42201;
const MOST_RECORDS = 1_000_000;

export function compatibilityRoutes(service: RegistryService): Hono {
  const { store } = service.core;
  const app = new Hono({ strict: false });
  app.post('/subjects/:subject/versions', (context) => {
    const subject = subjectOf(context, store.state);
    return check(service, context, subject, versionsOf(store.state, subject, 'without'));
  });
  app.post('/subjects/:subject/versions/:version', (context) => {
    const subject = subjectOf(context, store.state);
    const version = versionOf(context);
    const previous = schemaAt(store.state, subject, version, false);
    if (previous === undefined && version !== LATEST) throw versionNotFound(version);
    return check(service, context, subject, previous === undefined ? [] : [previous]);
  });
  return app;
}

async function check(
  service: RegistryService,
  context: Context,
  subject: string,
  previous: readonly StoredSchema[],
): Promise<Response> {
  const body = await bodyOf(context, service.mostBodyBytes);
  const isVerbose = flag(context, 'verbose');
  const records = recordsToRead(context);
  let messages: string[];
  try {
    messages = await reasons(service, context, { subject, body, previous, records });
  } catch (error) {
    if (!isVerbose || !(error instanceof RegistryError) || error.code !== INVALID_SCHEMA) throw error;
    messages = [error.message];
  }
  const isShown = isVerbose || (records !== undefined && messages.length > 0);
  return answer(context, { is_compatible: messages.length === 0, ...(isShown && { messages }) });
}

/** How many of the newest records of the topic; undefined: none. Throws RegistryError 422. */
function recordsToRead(context: Context): number | undefined {
  const text = context.req.query('data');
  if (text === undefined) return undefined;
  const count = /^last:(\d{1,7})$/.exec(text)?.[1];
  if (count === undefined || Number(count) > MOST_RECORDS)
    throw unprocessable(`data=${text}: write last:N, with N up to ${MOST_RECORDS}`);
  return Number(count);
}

interface Asked {
  readonly subject: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly previous: readonly StoredSchema[];
  readonly records: number | undefined;
}

async function reasons(service: RegistryService, context: Context, asked: Asked): Promise<string[]> {
  const { core, data } = service;
  const { subject, body, previous, records } = asked;
  const config: ConfigInScope = configInScope(core.store.state, subject, core.defaultLevel);
  const candidate = candidateFrom(subject, body);
  if (candidate.schema.trim() === '') throw invalidSchema('Empty schema');
  const parsed = await core.parser.candidate(candidate, {
    asNew: config.validateNewSchemas !== false,
    normalize: flag(context, 'normalize') || config.normalize === true,
  });
  const messages = await incompatibilities(core.parser, config, { parsed, metadata: candidate.metadata }, previous);
  if (records === undefined || messages.length > 0) return messages;
  const topic = context.req.query('topic');
  return data.faults({ subject, parsed, records, ...(topic !== undefined && { topic }) });
}
