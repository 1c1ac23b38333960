// Registering a schema, and looking one up under a subject: the same content has the same id in a context, wherever it is registered.
// Confluent's KafkaSchemaRegistry.register and lookUpSchemaUnderSubject.
import type { Metadata, StoredSchema } from '../schemas/entities.ts';
import type { ParsedSchema, SchemaReference } from '../formats/index.ts';
import { schemaText, contextText as contextRecord } from '../records/values.ts';
import { TENANT } from '../records/keys.ts';
import { besides, contextOf, DEFAULT_CONTEXT } from '../schemas/subjects.ts';
import type { RegistryState } from '../store/registry-state.ts';
import type { Candidate } from './candidate.ts';
import { incompatibilities } from './compatibility.ts';
import type { RegistryCore } from './core.ts';
import { guidOf } from '../schemas/guid.ts';
import { latestOf, versionsOf } from './queries.ts';
import { incompatible, invalidSchema, notPermitted } from '../schemas/registry-error.ts';
import { mergedMetadata, mergedRuleSet, versionIn, withoutVersion, withVersion } from '../schemas/rule-sets.ts';
import { type ConfigInScope, configInScope, isImport, modeInScope } from './scope.ts';
import { contextText, ensureWritable } from './settings.ts';

export interface RegisterOptions {
  readonly normalize: boolean;
  /** Not held against those before. */
  readonly force: boolean;
}

/** What a candidate is once it has been parsed: its canonical text stands for it. */
interface Canonical {
  readonly candidate: Candidate;
  readonly parsed: ParsedSchema;
}

const NONE = -1;
const LATEST = -1;

/** One that is there already, so that nothing has to be written; undefined: the leader decides. Rejects with RegistryError 42201. */
export async function registered(
  core: RegistryCore,
  candidate: Candidate,
  normalize: boolean,
): Promise<StoredSchema | undefined> {
  const { state } = core.store;
  const { subject, version, id } = candidate;
  const config = configInScope(state, subject, core.defaultLevel);
  if (hasDefaults(config) || candidate.schema.trim() === '') return undefined;
  const found = await lookUp(core, candidate, { normalize, takesDeleted: false, latestOnly: version === LATEST });
  if (found === undefined) return undefined;
  if (version === 0 || version === LATEST) return id < 0 || id === found.id ? found : undefined;
  if (found.id !== id) return undefined;
  if (found.version === version) return found;
  const older = state.schema(subject, version);
  return older !== undefined && !older.deleted && older.guid === found.guid ? older : undefined;
}

function hasDefaults(config: ConfigInScope): boolean {
  const { defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet } = config;
  return [defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet].some((one) => one !== undefined);
}

/** Where this registry leads. Rejects with RegistryError. */
export function register(core: RegistryCore, candidate: Candidate, options: RegisterOptions): Promise<StoredSchema> {
  const { store } = core;
  return store.exclusively(async () => {
    const { state } = store;
    checkMode(core, candidate);
    const all = state.versionsOf(candidate.subject);
    const live = all.filter(({ deleted }) => !deleted);
    const nextVersion = (all.at(-1)?.version ?? 0) + 1;
    const config = configInScope(state, candidate.subject, core.defaultLevel);
    const mode = modeInScope(state, candidate.subject);
    const completed = isImport(mode) ? candidate : complete(config, candidate, live.at(-1), nextVersion);
    const canonical = await canonicalize(core, completed, { config, normalize: options.normalize });
    if (canonical === undefined) throw invalidSchema('Empty schema');
    const known = await alreadyThere(core, canonical, live);
    if (known !== undefined) return known;
    if (!isImport(mode) && !options.force) {
      const { parsed, candidate: checked } = canonical;
      const reasons = await incompatibilities(core.parser, config, { parsed, metadata: checked.metadata }, live);
      if (reasons.length > 0) throw incompatible(candidate.subject, reasons);
    }
    return write(core, canonical.candidate, nextVersion);
  });
}

function checkMode(core: RegistryCore, { subject, id }: Candidate): void {
  ensureWritable(core, subject);
  const mode = modeInScope(core.store.state, subject);
  const place = `Subject ${subject} in context ${contextText(subject)}`;
  if (id >= 0 && !isImport(mode)) throw notPermitted(`${place} is not in import mode`);
  if (id < 0 && mode !== 'READWRITE') throw notPermitted(`${place} is not in read-write mode`);
}

/** What the request leaves out comes from the version before; what is set for the subject goes below and above it. */
function complete(
  config: ConfigInScope,
  candidate: Candidate,
  previous: StoredSchema | undefined,
  nextVersion: number | undefined,
): Candidate {
  const isEmpty = candidate.schema.trim() === '';
  if (isEmpty && previous === undefined) throw invalidSchema('Empty schema');
  const { schema, schemaType, references } = isEmpty ? (previous as StoredSchema) : candidate;
  const { defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet } = config;
  let metadata = mergedMetadata(
    mergedMetadata(defaultMetadata, candidate.metadata ?? previous?.metadata),
    overrideMetadata,
  );
  const ruleSet = mergedRuleSet(mergedRuleSet(defaultRuleSet, candidate.ruleSet ?? previous?.ruleSet), overrideRuleSet);
  if (nextVersion !== undefined && (candidate.version !== 0 || versionIn(metadata) !== undefined))
    metadata = withVersion(metadata, nextVersion);
  return { ...candidate, schema, schemaType, references, metadata, ruleSet };
}

/** undefined: there is no text. Rejects with RegistryError 42201. */
async function canonicalize(
  core: RegistryCore,
  candidate: Candidate,
  how: { readonly config: ConfigInScope; readonly normalize: boolean; readonly isLookUp?: boolean },
): Promise<Canonical | undefined> {
  if (candidate.schema.trim() === '') return undefined;
  const mode = modeInScope(core.store.state, candidate.subject);
  const asNew = how.isLookUp !== true && candidate.id < 0 && how.config.validateNewSchemas !== false;
  const parsed = await core.parser.candidate(candidate, { asNew, normalize: how.normalize && !isImport(mode) });
  const { canonicalText: schema, references, type: schemaType } = parsed;
  const id = candidate.id >= 0 && mode !== 'IMPORT' ? NONE : candidate.id;
  return { parsed, candidate: { ...candidate, id, schema, references, schemaType } };
}

/** The same content under the same subject, when no version was asked for. */
async function alreadyThere(
  core: RegistryCore,
  { candidate, parsed }: Canonical,
  live: readonly StoredSchema[],
): Promise<StoredSchema | undefined> {
  if (candidate.version !== 0) return undefined;
  const fits = (id: number): boolean => candidate.id < 0 || candidate.id === id;
  const guid = guidOf(candidate);
  const same = [...live].reverse().find((stored) => stored.guid === guid && fits(stored.id));
  if (same !== undefined) return same;
  for (const stored of [...live].reverse()) {
    if (fits(stored.id) && (await isSame(core, { candidate, parsed }, stored))) return stored;
  }
  return undefined;
}

/** Rejects with RegistryError 42201, 42205, or as the store does. */
async function write(core: RegistryCore, candidate: Candidate, nextVersion: number): Promise<StoredSchema> {
  const { store } = core;
  const { subject } = candidate;
  const version = candidate.version > 0 ? candidate.version : nextVersion;
  if (version !== nextVersion && !isImport(modeInScope(store.state, subject)))
    throw invalidSchema('Version is not one more than previous version');
  const context = contextOf(subject);
  const index = store.state.index(context);
  const guid = guidOf(candidate);
  const id = candidate.id >= 0 ? candidate.id : (index.idOfGuid(guid) ?? index.largestId + 1);
  checkId(store.state, candidate, id, guid);
  if (context !== DEFAULT_CONTEXT && !store.state.namedContexts().includes(context)) {
    await store.put({ keytype: 'CONTEXT', tenant: TENANT, context }, contextRecord(TENANT, context));
  }
  await forgetDeleted(core, subject, id, version);
  const { references, metadata, ruleSet, schema, unknown } = candidate;
  const schemaType = candidate.schemaType as StoredSchema['schemaType'];
  const fields = { subject, version, id, schemaType, references, metadata, ruleSet, schema, deleted: false, unknown };
  await store.put({ keytype: 'SCHEMA', subject, version }, schemaText(fields));
  return store.state.schema(subject, version) ?? { ...fields, guid, timestampMs: 0 };
}

/** Throws RegistryError 42205 when the id stands for something else in the context. */
function checkId(state: RegistryState, { subject }: Candidate, id: number, guid: string): void {
  const [place] = state.index(contextOf(subject)).placesOf(id) ?? [];
  const known = place === undefined ? undefined : state.schema(...place);
  if (known === undefined || known.guid === guid) return;
  throw notPermitted(`Overwrite new schema with id ${id} in context ${contextText(subject)} is not permitted.`);
}

/** A version of the same id that was deleted before makes room for the new one, unless somebody refers to it. */
async function forgetDeleted({ store }: RegistryCore, subject: string, id: number, version: number): Promise<void> {
  for (const old of versionsOf(store.state, subject, 'only')) {
    if (old.id !== id || old.version >= version || store.state.referrersOf(subject, old.version).length > 0) continue;
    await store.put({ keytype: 'SCHEMA', subject, version: old.version }, null);
  }
}

export interface LookUpOptions {
  readonly normalize: boolean;
  readonly takesDeleted: boolean;
  readonly latestOnly?: boolean;
}

/** The version under which the schema stands in this very subject. Rejects with RegistryError 42201. */
export async function lookUp(
  core: RegistryCore,
  candidate: Candidate,
  options: LookUpOptions,
): Promise<StoredSchema | undefined> {
  const { state } = core.store;
  const config = configInScope(state, candidate.subject, core.defaultLevel);
  const canonical = await canonicalize(core, candidate, { config, normalize: options.normalize, isLookUp: true });
  if (canonical === undefined) return undefined;
  if (options.latestOnly === true) {
    const latest = latestOf(state, candidate.subject);
    return latest !== undefined && (await isSame(core, canonical, latest)) ? latest : undefined;
  }
  const shown = versionsOf(state, candidate.subject, options.takesDeleted ? 'with' : 'without');
  const newestFirst = [...shown].reverse();
  const guid = guidOf(canonical.candidate);
  const exact = newestFirst.find((stored) => stored.guid === guid);
  if (exact !== undefined) return exact;
  for (const stored of newestFirst) if (await isSame(core, canonical, stored)) return stored;
  return undefined;
}

/** As registering would see it: what the subject's config and its latest version add counts too. */
export async function lookUpCompleted(
  core: RegistryCore,
  candidate: Candidate,
  options: LookUpOptions,
): Promise<StoredSchema | undefined> {
  const found = await lookUp(core, candidate, options);
  const latest = latestOf(core.store.state, candidate.subject);
  if (found !== undefined || latest === undefined || candidate.schema.trim() === '') return found;
  const config = configInScope(core.store.state, candidate.subject, core.defaultLevel);
  const completed = complete(config, candidate, latest, undefined);
  return guidOf(completed) === guidOf(candidate) ? undefined : lookUp(core, completed, options);
}

/** Does the candidate mean what is stored: with its references written out, or the latest version in place of its number? */
async function isSame(core: RegistryCore, { candidate, parsed }: Canonical, stored: StoredSchema): Promise<boolean> {
  if (stored.schemaType !== candidate.schemaType || !isSameBeside(candidate, stored)) return false;
  const hasSameReferences = referencesText(core, candidate) === referencesText(core, stored);
  if (hasSameReferences && candidate.schema === stored.schema) return true;
  if (candidate.references.length > 0 || stored.references.length === 0) return false;
  return parsed.formatted('resolved') === (await core.parser.stored(stored)).formatted('resolved');
}

/** Metadata and rules; the version that a registry writes into the metadata only where both have it. */
function isSameBeside(candidate: Candidate, stored: StoredSchema): boolean {
  if (JSON.stringify(candidate.ruleSet) !== JSON.stringify(stored.ruleSet)) return false;
  const ours = versionIn(candidate.metadata);
  const theirs = versionIn(stored.metadata);
  const text = (metadata: Metadata | undefined): string => JSON.stringify(metadata ?? {});
  if ((ours === undefined) === (theirs === undefined))
    return JSON.stringify(candidate.metadata) === JSON.stringify(stored.metadata);
  if (ours !== undefined && ours !== String(stored.version)) return false;
  return text(withoutVersion(candidate.metadata)) === text(withoutVersion(stored.metadata));
}

function referencesText(
  { store }: RegistryCore,
  { subject, references }: { readonly subject: string; readonly references: readonly SchemaReference[] },
): string {
  const exact = references.map((one) => ({
    ...one,
    version: one.version === LATEST ? latestOf(store.state, besides(subject, one.subject))?.version : one.version,
  }));
  return JSON.stringify(exact);
}
