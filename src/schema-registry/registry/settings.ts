// Setting and taking back what counts for a subject, a context or all: config and mode. Confluent's ConfigResource, ModeResource.
import { CONFIG_FIELDS, type ConfigEntry, type Mode, MODES } from '../schemas/entities.ts';
import {
  clearSubjectText,
  configEntryFrom,
  configText,
  levelFrom,
  modeText,
  unknownFields,
} from '../records/values.ts';
import { contextOf, isGlobalContext, isWithin, prefixOfContext } from '../schemas/subjects.ts';
import type { RegistryCore } from './core.ts';
import { hasSubject, versionsOf } from './queries.ts';
import {
  invalidLevel,
  invalidMode,
  notPermitted,
  referenceExists,
  subjectNotFound,
} from '../schemas/registry-error.ts';
import { checkRuleSet } from '../schemas/rule-sets.ts';
import { type ConfigInScope, isReadOnly, modeInScope, ownConfig, ownMode } from './scope.ts';

type Json = Readonly<Record<string, unknown>>;

/** Throws RegistryError 42205. */
export function ensureWritable({ store }: RegistryCore, subject: string | null): void {
  if (!isReadOnly(modeInScope(store.state, subject))) return;
  throw notPermitted(`Subject ${subject} in context ${contextText(subject)} is in read-only mode`);
}

/** As Confluent's messages have it: '' for the default context. */
export function contextText(subject: string | null): string {
  return subject === null ? '' : prefixOfContext(contextOf(subject));
}

/** A field that is null is taken back; one that is left out stays. Rejects with RegistryError 42203, 42210, 42205. */
export function updateConfig(core: RegistryCore, subject: string | null, request: Json): Promise<ConfigEntry> {
  const level = request['compatibility'] ?? null;
  if (level !== null && levelFrom(level) === undefined) throw invalidLevel();
  const changes = configEntryFrom(request, level);
  checkRuleSet(changes.defaultRuleSet);
  checkRuleSet(changes.overrideRuleSet);
  const { store } = core;
  return store.exclusively(async () => {
    ensureWritable(core, subject);
    const before = store.state.config(subject);
    const kept = Object.entries(before?.entry ?? {}).filter(
      ([name]) => request[name === 'compatibilityLevel' ? 'compatibility' : name] !== null,
    );
    const entry: ConfigEntry = { ...Object.fromEntries(kept), ...changes };
    const unknown = unknownFields(request, ['subject', 'compatibility', ...CONFIG_FIELDS]);
    await store.put({ keytype: 'CONFIG', subject }, configText(subject, entry, { ...before?.unknown, ...unknown }));
    return entry;
  });
}

/** What was set. Rejects with RegistryError 40401, 42205. */
export function deleteConfig(core: RegistryCore, subject: string | null): Promise<ConfigInScope> {
  const { store, defaultLevel } = core;
  return store.exclusively(async () => {
    const before = ownConfig(store.state, subject, defaultLevel);
    if (before === undefined) throw subjectNotFound(subject);
    ensureWritable(core, subject);
    await store.put({ keytype: 'CONFIG', subject }, null);
    return before;
  });
}

/** undefined: what is set is taken back. Throws RegistryError 42204. */
export function modeNamed(value: unknown, subject: string | null): Mode | undefined {
  if (value === undefined || value === null) return undefined;
  const name = typeof value === 'string' ? value.toUpperCase() : undefined;
  const mode = MODES.find((one) => one === name);
  if (mode === undefined) throw invalidMode();
  if (mode === 'FORWARD' && (subject === null || !isGlobalContext(subject)))
    throw invalidMode('Forward mode only supported on global level');
  return mode;
}

/** Rejects with RegistryError 42205, 42206. */
export function setMode(
  core: RegistryCore,
  subject: string | null,
  mode: Mode | undefined,
  force: boolean,
): Promise<void> {
  const { store } = core;
  return store.exclusively(async () => {
    if (mode === 'IMPORT' && modeInScope(store.state, subject) !== 'IMPORT' && !force) await clear(core, subject);
    await store.put({ keytype: 'MODE', subject }, mode === undefined ? null : modeText(subject, mode));
  });
}

/** Ids come from elsewhere now: nothing may be left that stands for others. */
async function clear({ store }: RegistryCore, whole: string | null): Promise<void> {
  if (hasSubject(store.state, whole, false)) throw notPermitted('Cannot import since found existing subjects');
  const deleted = [...store.state.subjects()]
    .filter((subject) => isWithin(subject, whole))
    .flatMap((subject) => versionsOf(store.state, subject, 'with'));
  for (const { subject, version } of deleted) {
    if (store.state.referrersOf(subject, version).length > 0) throw referenceExists(subject, version);
  }
  for (const { subject, version } of deleted) await store.put({ keytype: 'SCHEMA', subject, version }, null);
  await store.put({ keytype: 'CLEAR_SUBJECT', subject: whole }, clearSubjectText(whole));
}

/** What was set; undefined: nothing, but all below it were taken back. Rejects with RegistryError 40401, 42205. */
export function deleteMode(core: RegistryCore, subject: string | null, recursive: boolean): Promise<Mode | undefined> {
  const { store } = core;
  return store.exclusively(async () => {
    const before = ownMode(store.state, subject);
    if (before === undefined && !recursive) throw subjectNotFound(subject);
    await store.put({ keytype: 'MODE', subject }, null);
    if (recursive && isWhole(subject)) {
      const below = [...store.state.modes()].map(([place]) => place);
      for (const place of below) {
        if (place !== null && isBelow(place, subject)) await store.put({ keytype: 'MODE', subject: place }, null);
      }
    }
    return before;
  });
}

function isWhole(subject: string | null): boolean {
  return subject === null || subject === contextText(subject);
}

function isBelow(place: string, whole: string | null): boolean {
  return contextText(place) === contextText(whole);
}
