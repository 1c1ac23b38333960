// What `_schemas` says, as a state machine: records go in one by one, in the order of the topic, and nothing else changes it.
import type { Mode, StoredSchema } from '../schemas/entities.ts';
import { besides, contextOf, DEFAULT_CONTEXT, GLOBAL_CONTEXT, isWithin, prefixOfContext } from '../schemas/subjects.ts';
import { keyFrom, keyText, type RegistryKey, TENANT } from '../records/keys.ts';
import { type ConfigRecord, configFrom, deleteSubjectFrom, modeFrom, schemaFrom } from '../records/values.ts';
import { ContextIndex } from './context-index.ts';

export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string;
  /** null: what stood under the key is gone. */
  readonly value: string | null;
}

export class RegistryState {
  readonly #subjects = new Map<string, Map<number, StoredSchema>>();
  readonly #contexts = new Map<string, ContextIndex>();
  /** Contexts that a record names, beside the default one. */
  readonly #named = new Set<string>();
  /** `subject version` -> `context id` of the schemas that refer to it. */
  readonly #referrers = new Map<string, Set<string>>();
  readonly #configs = new Map<string | null, ConfigRecord>();
  readonly #modes = new Map<string | null, Mode>();
  /** Bytes of keys that mean the same as ours but are others: a tombstone for ours would leave them behind in the topic. */
  readonly #otherForms = new Map<string, Set<string>>();

  /** What is wrong with the record, for the log; undefined: nothing. Keys of others are nobody's mistake. */
  apply({ key: text, value, timestampMs }: LogRecord): string | undefined {
    const key = keyFrom(text);
    if (key === undefined) return `a key of a kind that is not known here: ${text.slice(0, 200)}`;
    this.#rememberForm(keyText(key), text, value !== null);
    switch (key.keytype) {
      case 'SCHEMA':
        return value === null
          ? this.#removeSchema(key.subject, key.version)
          : this.#putSchema(schemaFrom(value, key.subject, key.version, timestampMs), text);
      case 'CONFIG':
        return this.#put(this.#configs, key.subject, value, configFrom);
      case 'MODE':
        return this.#put(this.#modes, key.subject, value, modeFrom);
      case 'DELETE_SUBJECT':
        return value === null ? undefined : this.#deleteUpTo(key.subject, deleteSubjectFrom(value));
      case 'CLEAR_SUBJECT':
        return value === null ? undefined : this.#clear(key.subject);
      case 'CONTEXT':
        return this.#nameContext(key.tenant, key.context, value !== null);
      case 'NOOP':
        return undefined;
    }
  }

  /** Keys that mean the same as this one and have a value in the topic, in other bytes. */
  otherFormsOf(key: RegistryKey): readonly string[] {
    return [...(this.#otherForms.get(keyText(key)) ?? [])];
  }

  subjects(): IterableIterator<string> {
    return this.#subjects.keys();
  }

  /** All versions of a subject by number, deleted ones too. */
  versionsOf(subject: string): readonly StoredSchema[] {
    const versions = this.#subjects.get(subject);
    return versions === undefined ? [] : [...versions.values()].sort((one, other) => one.version - other.version);
  }

  schema(subject: string, version: number): StoredSchema | undefined {
    return this.#subjects.get(subject)?.get(version);
  }

  /** Contexts beside the default one, by name. */
  namedContexts(): readonly string[] {
    return [...this.#named].sort();
  }

  index(context: string): ContextIndex {
    let index = this.#contexts.get(context);
    if (index === undefined) this.#contexts.set(context, (index = new ContextIndex()));
    return index;
  }

  /** Contexts and ids of the schemas that refer to this version. */
  referrersOf(subject: string, version: number): { context: string; id: number }[] {
    return [...(this.#referrers.get(placeName(subject, version)) ?? [])].map((text) => {
      const at = text.lastIndexOf(' ');
      return { context: text.slice(0, at), id: Number(text.slice(at + 1)) };
    });
  }

  config(subject: string | null): ConfigRecord | undefined {
    return this.#configs.get(subject);
  }
  configs(): IterableIterator<[string | null, ConfigRecord]> {
    return this.#configs.entries();
  }
  mode(subject: string | null): Mode | undefined {
    return this.#modes.get(subject);
  }
  modes(): IterableIterator<[string | null, Mode]> {
    return this.#modes.entries();
  }

  #rememberForm(ours: string, theirs: string, isThere: boolean): void {
    if (ours === theirs) return;
    const forms = this.#otherForms.get(ours) ?? new Set();
    if (isThere) forms.add(theirs);
    else forms.delete(theirs);
    this.#otherForms.set(ours, forms);
  }

  #put<T>(
    map: Map<string | null, T>,
    subject: string | null,
    value: string | null,
    read: (text: string) => T | undefined,
  ): string | undefined {
    if (value === null) {
      map.delete(subject);
      return undefined;
    }
    const found = read(value);
    if (found === undefined) return `a value that cannot be read: ${value.slice(0, 200)}`;
    map.set(subject, found);
    return undefined;
  }

  #putSchema(stored: StoredSchema | undefined, key: string): string | undefined {
    if (stored === undefined) return `a schema that cannot be read under ${key}`;
    const { subject, version, id, guid, schema } = stored;
    const index = this.index(contextOf(subject));
    const known = this.#anyOf(index, id);
    // Two leaders at a time gave one id twice: the first one counts (Confluent's IGNORE_FAILURE).
    if (known !== undefined && known.schema !== schema)
      return `id ${id} stands for another schema already; ${key} is left out`;
    this.#remove(this.schema(subject, version));
    const versions = this.#subjects.get(subject) ?? new Map<number, StoredSchema>();
    this.#subjects.set(subject, versions.set(version, stored));
    index.add(id, guid, { subject, version });
    this.#refer(stored, (referrers, name) => referrers.add(name));
    return undefined;
  }

  #anyOf(index: ContextIndex, id: number): StoredSchema | undefined {
    for (const [subject, version] of index.placesOf(id) ?? []) return this.schema(subject, version);
    return undefined;
  }

  #removeSchema(subject: string, version: number): undefined {
    const stored = this.schema(subject, version);
    this.#remove(stored);
    const versions = this.#subjects.get(subject);
    versions?.delete(version);
    if (versions?.size === 0) this.#subjects.delete(subject);
    return undefined;
  }

  /** Out of what is known beside the subject. */
  #remove(stored: StoredSchema | undefined): void {
    if (stored === undefined) return;
    const index = this.index(contextOf(stored.subject));
    index.remove(stored.id, stored);
    // Another version of the subject may hold the same id, as imported ones do.
    const { subject, id } = stored;
    const other = this.versionsOf(subject).findLast((one) => one.id === id && one.version !== stored.version);
    if (other !== undefined) index.add(id, other.guid, other);
    // Another subject may hold the same id, with the same references.
    if (index.placesOf(stored.id) === undefined) this.#refer(stored, (referrers, name) => referrers.delete(name));
  }

  #refer({ subject, id, references }: StoredSchema, change: (referrers: Set<string>, name: string) => void): void {
    const context = contextOf(subject);
    for (const reference of references) {
      const place = placeName(besides(subject, reference.subject), reference.version);
      const referrers = this.#referrers.get(place) ?? new Set();
      change(referrers, `${context} ${id}`);
      this.#referrers.set(place, referrers);
    }
  }

  #deleteUpTo(subject: string, version: number | undefined): string | undefined {
    if (version === undefined) return `the deletion of ${subject} names no version`;
    for (const stored of this.versionsOf(subject)) {
      if (stored.version > version || stored.deleted) continue;
      this.#subjects.get(subject)?.set(stored.version, { ...stored, deleted: true });
    }
    return undefined;
  }

  /** Nothing is kept of what was deleted: its ids may be given to others (import mode). */
  #clear(whole: string | null): undefined {
    for (const subject of this.#subjects.keys()) {
      if (!isWithin(subject, whole)) continue;
      for (const { version, deleted } of this.versionsOf(subject)) if (deleted) this.#removeSchema(subject, version);
    }
    return undefined;
  }

  #nameContext(tenant: string, context: string, isThere: boolean): undefined {
    if (tenant !== TENANT || context === DEFAULT_CONTEXT) return undefined;
    if (isThere) this.#named.add(context);
    else this.#named.delete(context);
    return undefined;
  }
}

function placeName(subject: string, version: number): string {
  return `${subject} ${version}`;
}

/** What counts for a subject: the config set for it, for its context, for all of them; and the mode likewise. */
export function inScope<T>(subject: string | null, ask: (subject: string | null) => T | undefined): T | undefined {
  for (const place of scopesOf(subject)) {
    const found = ask(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

function scopesOf(subject: string | null): (string | null)[] {
  const context = subject === null ? DEFAULT_CONTEXT : contextOf(subject);
  const ofContext = context === DEFAULT_CONTEXT ? null : prefixOfContext(context);
  return [...new Set([subject, ofContext, GLOBAL_CONTEXT])];
}
