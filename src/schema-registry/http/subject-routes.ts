// /subjects: lists, versions, registering, looking up, deleting.
import { type Context, Hono } from 'hono';
import type { StoredSchema } from '../schemas/entities.ts';
import { candidateFrom } from '../registry/candidate.ts';
import { deleteSubject, deleteVersion } from '../registry/deletion.ts';
import {
  acrossContexts,
  type DeletedFilter,
  hasSubject,
  listSubjects,
  placesOf,
  referrersOf,
  schemaAt,
  versionsOf,
} from '../registry/queries.ts';
import {
  invalidSubject,
  RegistryError,
  schemaNotFound,
  subjectNotFound,
  versionNotFound,
} from '../schemas/registry-error.ts';
import { lookUpCompleted, register, registered } from '../registry/registration.ts';
import { checkRuleSet } from '../schemas/rule-sets.ts';
import { configInScope } from '../registry/scope.ts';
import { ALL_CONTEXTS, isValidSubject } from '../schemas/subjects.ts';
import { answer, registeredFields, schemaFields, text, wantsQualified } from './answers.ts';
import { bodyOf, flag, paged, pageOf, subjectOf, versionOf } from './request.ts';
import { formatted, type RegistryService } from './service.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const MOST_SCHEMAS = 1000;

export function subjectRoutes(service: RegistryService): Hono {
  const { core } = service;
  const { store } = core;
  const app = new Hono({ strict: false });
  app.get('/', (context) => {
    const prefix = context.req.query('subjectPrefix') ?? ALL_CONTEXTS;
    return answer(context, paged(listSubjects(store.state, prefix, deletedFilter(context)), pageOf(context)));
  });
  app.post('/:subject', (context) => lookUpCall(service, context));
  app.delete('/:subject', async (context) => {
    const forwarded = await service.leadership.forwarded(context, undefined);
    return (
      forwarded ??
      answer(context, await deleteSubject(core, subjectOf(context, store.state), flag(context, 'permanent')))
    );
  });
  app.get('/:subject/metadata', async (context) => {
    const stored = withMetadata(service, context);
    return answer(context, schemaFields(stored, { schema: await formatted(service, stored, context) }));
  });
  app.get('/:subject/versions', (context) => answer(context, listVersions(service, context)));
  app.post('/:subject/versions', (context) => registerCall(service, context));
  app.get('/:subject/versions/:version', async (context) => {
    const stored = requested(service, context, flag(context, 'deleted'));
    const schema = await formatted(service, stored, context);
    return answer(context, schemaFields(stored, { schema, isQualified: wantsQualified(context, stored) }));
  });
  app.get('/:subject/versions/:version/schema', async (context) => {
    const stored = requested(service, context, flag(context, 'deleted'));
    return text(context, (await formatted(service, stored, context)) ?? stored.schema);
  });
  for (const path of ['referencedby', 'referencedBy']) {
    app.get(`/:subject/versions/:version/${path}`, (context) => {
      const { subject, version } = requested(service, context, true);
      const referrers = referrersOf(store.state, subject, version, flag(context, 'deleted'));
      return answer(
        context,
        paged(referrers, pageOf(context, MOST_SCHEMAS)).map(({ id }) => id),
      );
    });
  }
  app.delete('/:subject/versions/:version', async (context) => {
    const subject = subjectOf(context, store.state);
    const version = versionOf(context);
    const forwarded = await service.leadership.forwarded(context, undefined);
    return forwarded ?? answer(context, await deleteVersion(core, subject, version, flag(context, 'permanent')));
  });
  return app;
}

function deletedFilter(context: Context): DeletedFilter {
  if (flag(context, 'deletedOnly')) return 'only';
  return flag(context, 'deleted') ? 'with' : 'without';
}

/** Throws RegistryError 40401, 40402, 42202. */
function requested({ core }: RegistryService, context: Context, takesDeleted: boolean): StoredSchema {
  const { state } = core.store;
  const subject = subjectOf(context, state);
  const version = versionOf(context);
  const found = acrossContexts(state, subject, (place) => schemaAt(state, place, version, takesDeleted));
  if (found !== undefined) return found;
  throw hasSubject(state, subject, takesDeleted) ? versionNotFound(version) : subjectNotFound(subject);
}

function listVersions({ core }: RegistryService, context: Context): number[] {
  const { state } = core.store;
  const subject = subjectOf(context, state);
  const filter = deletedFilter(context);
  if (!hasSubject(state, subject, filter !== 'without')) throw subjectNotFound(subject);
  const page = pageOf(context);
  if (flag(context, 'deletedAsNegative')) {
    const all = versionsOf(state, subject, 'with').map(({ version, deleted }) => (deleted ? -version : version));
    return paged(all, page);
  }
  return paged(versionsOf(state, subject, filter), page).map(({ version }) => version);
}

/** The newest version whose metadata has all that is asked for. Throws RegistryError 40401, 40403. */
function withMetadata({ core }: RegistryService, context: Context): StoredSchema {
  const { state } = core.store;
  const subject = subjectOf(context, state);
  const takesDeleted = flag(context, 'deleted');
  const keys = context.req.queries('key') ?? [];
  const values = context.req.queries('value') ?? [];
  const wanted = keys.slice(0, values.length).map((key, index) => [key, values[index]] as const);
  const found = [...versionsOf(state, subject, takesDeleted ? 'with' : 'without')]
    .reverse()
    .find(
      ({ metadata }) => metadata !== undefined && wanted.every(([key, value]) => metadata.properties?.[key] === value),
    );
  if (found !== undefined) return found;
  throw hasSubject(state, subject, takesDeleted) ? schemaNotFound() : subjectNotFound(subject);
}

function wantsNormal({ core }: RegistryService, context: Context, subject: string): boolean {
  return flag(context, 'normalize') || configInScope(core.store.state, subject, core.defaultLevel).normalize === true;
}

async function lookUpCall(service: RegistryService, context: Context): Promise<Response> {
  const { core } = service;
  const body = await bodyOf(context, service.mostBodyBytes);
  const subject = subjectOf(context, core.store.state);
  const takesDeleted = flag(context, 'deleted');
  const options = { normalize: wantsNormal(service, context, subject), takesDeleted };
  const found = await firstFound(placesOf(core.store.state, subject), async (place) => {
    try {
      return await lookUpCompleted(core, candidateFrom(place, body), options);
    } catch (error) {
      // What it refers to may lie in one context and not in another.
      if (place === subject || !(error instanceof RegistryError)) throw error;
      return undefined;
    }
  });
  if (found === undefined) {
    throw hasSubject(core.store.state, subject, takesDeleted) ? schemaNotFound() : subjectNotFound(subject);
  }
  return answer(context, schemaFields(found, { schema: await formatted(service, found, context) }));
}

async function firstFound<T>(places: readonly string[], ask: (place: string) => Promise<T | undefined>) {
  for (const place of places) {
    const found = await ask(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function registerCall(service: RegistryService, context: Context): Promise<Response> {
  const { core } = service;
  const body = await bodyOf(context, service.mostBodyBytes);
  const subject = subjectOf(context, core.store.state);
  const candidate = candidateFrom(subject, body);
  checkRuleSet(candidate.ruleSet);
  if (!isValidSubject(subject, false)) throw invalidSubject(subject);
  const normalize = wantsNormal(service, context, subject);
  let found = await registered(core, candidate, normalize);
  if (found === undefined) {
    const forwarded = await service.leadership.forwarded(context, body);
    if (forwarded !== undefined) return forwarded;
    found = await register(core, candidate, { normalize, force: flag(context, 'force') });
  }
  const schema = (await formatted(service, found, context)) ?? (await inFormOf(service, candidate.schema, found));
  return answer(context, registeredFields(found, { schema }));
}

/**
 * A client that sends a Protobuf file as a serialized descriptor keeps the answer for later, and reads it as one: it gets back what it
 * sent. undefined: the canonical text.
 */
async function inFormOf({ core }: RegistryService, sent: string, found: StoredSchema): Promise<string | undefined> {
  const isSerialized = found.schemaType === 'PROTOBUF' && BASE64.test(sent.trim());
  return isSerialized ? (await core.parser.stored(found)).formatted('serialized') : undefined;
}
