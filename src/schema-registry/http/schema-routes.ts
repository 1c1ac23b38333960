// /schemas: what an id or a GUID stands for, and everything at a time.
import { type Context, Hono } from 'hono';
import type { StoredSchema } from '../schemas/entities.ts';
import { SCHEMA_TYPES } from '../formats/index.ts';
import type { RegistryState } from '../store/registry-state.ts';
import { idsOfGuid, placesOfId, schemaOfGuid, schemaOfId, subjectsFrom, versionsOf } from '../registry/queries.ts';
import { schemaNotFound } from '../schemas/registry-error.ts';
import { besides, contextOf } from '../schemas/subjects.ts';
import { answer, contentOf, schemaFields, text, wantsQualified } from './answers.ts';
import { flag, idOf, paged, pageOf, querySubject } from './request.ts';
import { formatted, type RegistryService } from './service.ts';

const MOST_SCHEMAS = 1000;
const RULE_LISTS = ['migrationRules', 'domainRules', 'encodingRules'] as const;

export function schemaRoutes(service: RegistryService): Hono {
  const { store } = service.core;
  const app = new Hono({ strict: false });
  app.get('/types', (context) => answer(context, SCHEMA_TYPES));
  app.get('/', (context) => answer(context, listSchemas(store.state, context)));
  app.get('/ids/:id', async (context) => {
    const stored = requested(store.state, context);
    const maxId = store.state.index(contextOf(stored.subject)).largestId;
    return answer(
      context,
      contentOf(stored, {
        schema: await formatted(service, stored, context),
        isQualified: wantsQualified(context, stored),
        hasPlace: context.req.query('subject') !== undefined,
        ...(flag(context, 'fetchMaxId') && { maxId }),
      }),
    );
  });
  app.get('/ids/:id/schema', async (context) => {
    const stored = requested(store.state, context);
    return text(context, (await formatted(service, stored, context)) ?? stored.schema);
  });
  app.get('/ids/:id/subjects', (context) => {
    const subjects = new Set(placesOfRequest(store.state, context).map(({ subject }) => subject));
    return answer(context, paged([...subjects], pageOf(context)));
  });
  app.get('/ids/:id/versions', (context) =>
    answer(context, paged(placesOfRequest(store.state, context), pageOf(context))),
  );
  app.get('/guids/:guid', async (context) => {
    const guid = context.req.param('guid');
    const stored = schemaOfGuid(store.state, guid);
    if (stored === undefined) throw schemaNotFound(guid);
    const schema = await formatted(service, stored, context);
    return answer(context, contentOf(stored, { schema, hasPlace: false }));
  });
  app.get('/guids/:guid/ids', (context) => answer(context, idsOfGuid(store.state, context.req.param('guid'))));
  return app;
}

/** Throws RegistryError 40403. */
function requested(state: RegistryState, context: Context): StoredSchema {
  const id = idOf(context);
  const stored = schemaOfId(state, id, querySubject(context, state));
  if (stored === undefined) throw schemaNotFound(id);
  return stored;
}

/** Throws RegistryError 40403. */
function placesOfRequest(state: RegistryState, context: Context) {
  const places = placesOfId(state, idOf(context), querySubject(context, state), flag(context, 'deleted'));
  if (places === undefined) throw schemaNotFound();
  return places;
}

function listSchemas(state: RegistryState, context: Context) {
  const filter = flag(context, 'deleted') ? 'with' : 'without';
  const ruleType = context.req.query('ruleType') ?? '';
  const aliases = flag(context, 'aliases') ? aliasesIn(state) : new Map<string, string[]>();
  const all = subjectsFrom(state, context.req.query('subjectPrefix') ?? '').flatMap((subject) => {
    const versions = versionsOf(state, subject, filter);
    return flag(context, 'latestOnly') ? versions.slice(-1) : versions;
  });
  const shown = ruleType === '' ? all : all.filter((stored) => hasRuleOf(stored, ruleType));
  return paged(shown, pageOf(context, MOST_SCHEMAS)).map((stored) => {
    const names = aliases.get(stored.subject);
    return { ...schemaFields(stored), ...(names !== undefined && { aliases: names }) };
  });
}

/** Subject -> those that stand for it. */
function aliasesIn(state: RegistryState): Map<string, string[]> {
  const aliases = new Map<string, string[]>();
  for (const [subject, { entry }] of state.configs()) {
    if (subject === null || entry.alias === undefined) continue;
    const place = besides(subject, entry.alias);
    aliases.set(place, [...(aliases.get(place) ?? []), subject]);
  }
  return aliases;
}

function hasRuleOf({ ruleSet }: StoredSchema, type: string): boolean {
  return RULE_LISTS.some((list) => ruleSet?.[list]?.some((rule) => rule.type === type) === true);
}
