// Deleting versions, subjects and contexts: softly first, so that ids in old records can still be read, and for good behind that.
// Confluent's deleteSchemaVersion, deleteSubject, deleteContext.
import type { StoredSchema } from '../schemas/entities.ts';
import { TENANT } from '../records/keys.ts';
import { deleteSubjectText, schemaText } from '../records/values.ts';
import { contextOf } from '../schemas/subjects.ts';
import type { RegistryCore } from './core.ts';
import { hasSubject, isReferredByOthers, referrersOf, schemaAt, versionsOf } from './queries.ts';
import {
  contextNotEmpty,
  referenceExists,
  subjectNotFound,
  subjectNotSoftDeleted,
  subjectSoftDeleted,
  versionNotFound,
  versionNotSoftDeleted,
  versionSoftDeleted,
} from '../schemas/registry-error.ts';
import { ensureWritable } from './settings.ts';

/** The version that was deleted. Rejects with RegistryError 40401, 40402, 40406, 40407, 42205, 42206. */
export function deleteVersion(
  core: RegistryCore,
  subject: string,
  version: number,
  permanent: boolean,
): Promise<number> {
  const { store } = core;
  return store.exclusively(async () => {
    const stored = versionToDelete(core, subject, version, permanent);
    ensureWritable(core, subject);
    if (referrersOf(store.state, subject, stored.version, permanent).length > 0)
      throw referenceExists(subject, stored.version);
    if (permanent && !stored.deleted) throw versionNotSoftDeleted(subject, stored.version);
    const key = { keytype: 'SCHEMA', subject, version: stored.version } as const;
    if (permanent) {
      await store.put(key, null);
      if (store.state.versionsOf(subject).length === 0) await forgetSettings(core, subject);
    } else {
      await store.put(key, schemaText({ ...stored, deleted: true }));
    }
    return stored.version;
  });
}

function versionToDelete({ store }: RegistryCore, subject: string, version: number, permanent: boolean): StoredSchema {
  const stored = schemaAt(store.state, subject, version, true);
  if (stored === undefined) {
    throw hasSubject(store.state, subject, true) ? versionNotFound(version) : subjectNotFound(subject);
  }
  if (stored.deleted && !permanent) throw versionSoftDeleted(subject, version);
  return stored;
}

/** The versions that were deleted. Rejects with RegistryError 40401, 40404, 40405, 42205, 42206. */
export function deleteSubject(core: RegistryCore, subject: string, permanent: boolean): Promise<number[]> {
  const { store } = core;
  return store.exclusively(async () => {
    if (!hasSubject(store.state, subject, true)) throw subjectNotFound(subject);
    if (!permanent && !hasSubject(store.state, subject, false)) throw subjectSoftDeleted(subject);
    ensureWritable(core, subject);
    const stored = versionsOf(store.state, subject, permanent ? 'with' : 'without');
    for (const { version, deleted } of stored) {
      if (isReferredByOthers(store.state, subject, version, permanent)) throw referenceExists(subject, version);
      if (permanent && !deleted) throw subjectNotSoftDeleted(subject);
    }
    const versions = stored.map(({ version }) => version);
    if (permanent) {
      // From the newest on, because versions of a subject may refer to older ones.
      for (const version of [...versions].reverse()) await store.put({ keytype: 'SCHEMA', subject, version }, null);
      await forgetSettings(core, subject);
    } else {
      await store.put({ keytype: 'DELETE_SUBJECT', subject }, deleteSubjectText(subject, versions.at(-1) ?? 0));
    }
    return versions;
  });
}

async function forgetSettings({ store }: RegistryCore, subject: string): Promise<void> {
  if (store.state.mode(subject) !== undefined) await store.put({ keytype: 'MODE', subject }, null);
  if (store.state.config(subject) !== undefined) await store.put({ keytype: 'CONFIG', subject }, null);
}

/** `whole`: the prefix of its subjects. Rejects with RegistryError 42211. */
export function deleteContext({ store }: RegistryCore, whole: string): Promise<void> {
  return store.exclusively(async () => {
    if (hasSubject(store.state, whole, true)) throw contextNotEmpty(whole);
    await store.put({ keytype: 'CONTEXT', tenant: TENANT, context: contextOf(whole) }, null);
  });
}
