// Questions to the state that change nothing: by subject and version, by id, by GUID, in the contexts where a subject may lie.
import type { ContextId, StoredSchema } from '../schemas/entities.ts';
import type { RegistryState } from '../store/registry-state.ts';
import type { SubjectVersion } from '../store/context-index.ts';
import { ALL_CONTEXTS, contextOf, DEFAULT_CONTEXT, isWithin, prefixOfContext, qualified } from '../schemas/subjects.ts';
import { normalGuid } from '../schemas/guid.ts';

export type DeletedFilter = 'without' | 'with' | 'only';

export const LATEST = -1;

export function isShown({ deleted }: Pick<StoredSchema, 'deleted'>, filter: DeletedFilter): boolean {
  return filter === 'with' || deleted === (filter === 'only');
}

export function versionsOf(state: RegistryState, subject: string, filter: DeletedFilter): readonly StoredSchema[] {
  return state.versionsOf(subject).filter((stored) => isShown(stored, filter));
}

export function latestOf(state: RegistryState, subject: string): StoredSchema | undefined {
  return versionsOf(state, subject, 'without').at(-1);
}

/** LATEST is the newest that is not deleted. */
export function schemaAt(
  state: RegistryState,
  subject: string,
  version: number,
  takesDeleted: boolean,
): StoredSchema | undefined {
  if (version === LATEST) return latestOf(state, subject);
  const found = state.schema(subject, version);
  return found?.deleted === true && !takesDeleted ? undefined : found;
}

/** In the subject's own place, and for one without context in all others after it. */
export function acrossContexts<T>(
  state: RegistryState,
  subject: string,
  ask: (subject: string) => T | undefined,
): T | undefined {
  for (const place of placesOf(state, subject)) {
    const found = ask(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function placesOf(state: RegistryState, subject: string): string[] {
  if (contextOf(subject) !== DEFAULT_CONTEXT) return [subject];
  return [subject, ...state.namedContexts().map((context) => `${prefixOfContext(context)}${subject}`)];
}

/** Is there any version of it, or of a subject of the context that it names? */
export function hasSubject(state: RegistryState, subject: string | null, takesDeleted: boolean): boolean {
  for (const known of state.subjects()) {
    if (isWithin(known, subject) && versionsOf(state, known, takesDeleted ? 'with' : 'without').length > 0) return true;
  }
  return false;
}

/** By name, those that begin so: `:*:` in all contexts, `:*:abc` so in each of them. */
export function subjectsFrom(state: RegistryState, prefix: string): string[] {
  return [...state.subjects()].filter((subject) => beginsSo(subject, prefix)).sort();
}

function beginsSo(subject: string, prefix: string): boolean {
  if (!prefix.startsWith(ALL_CONTEXTS)) return subject.startsWith(prefix);
  return qualified(subject).subject.startsWith(prefix.slice(ALL_CONTEXTS.length));
}

/** A subject is deleted when all of its versions are. */
export function listSubjects(state: RegistryState, prefix: string, filter: DeletedFilter): string[] {
  return subjectsFrom(state, prefix).filter((subject) => {
    const deleted = versionsOf(state, subject, 'without').length === 0;
    return isShown({ deleted }, filter);
  });
}

/** Where an id stands: under this subject, or anywhere in its context. */
export function schemaOfId(state: RegistryState, id: number, subject: string | undefined): StoredSchema | undefined {
  const { context, subject: name } = qualified(subject ?? '');
  if (name === '') return anywhere(state, context, id);
  const found = acrossContexts(state, subject as string, (place) => under(state, place, id));
  return found ?? (context === DEFAULT_CONTEXT ? anywhere(state, context, id) : undefined);
}

function anywhere(state: RegistryState, context: string, id: number): StoredSchema | undefined {
  for (const [subject, version] of state.index(context).placesOf(id) ?? []) return state.schema(subject, version);
  return undefined;
}

function under(state: RegistryState, subject: string, id: number): StoredSchema | undefined {
  const version = state.index(contextOf(subject)).placesOf(id)?.get(subject);
  return version === undefined ? undefined : state.schema(subject, version);
}

/** All subjects of the context under which the content of this id is registered; undefined: nobody knows the id. */
export function placesOfId(
  state: RegistryState,
  id: number,
  subject: string | undefined,
  takesDeleted: boolean,
): SubjectVersion[] | undefined {
  const found = schemaOfId(state, id, subject);
  if (found === undefined) return undefined;
  const places = [...(state.index(contextOf(found.subject)).placesOf(found.id) ?? [])];
  return places
    .filter(([place, version]) => takesDeleted || state.schema(place, version)?.deleted === false)
    .map(([place, version]) => ({ subject: place, version }));
}

export function idsOfGuid(state: RegistryState, text: string): ContextId[] {
  const guid = normalGuid(text);
  if (guid === undefined) return [];
  return [DEFAULT_CONTEXT, ...state.namedContexts()].flatMap((context) => {
    const id = state.index(context).idOfGuid(guid);
    return id === undefined ? [] : [{ context, id }];
  });
}

export function schemaOfGuid(state: RegistryState, guid: string): StoredSchema | undefined {
  const [first] = idsOfGuid(state, guid);
  return first === undefined ? undefined : anywhere(state, first.context, first.id);
}

/** Schemas that refer to this version, by context and id; of those that are deleted only with `takesDeleted`. */
export function referrersOf(
  state: RegistryState,
  subject: string,
  version: number,
  takesDeleted: boolean,
): ContextId[] {
  const all = state.referrersOf(subject, version).filter(({ context, id }) => {
    const places = placesOfId(state, id, prefixOfContext(context), takesDeleted);
    return places !== undefined && places.length > 0;
  });
  return all.sort((one, other) => one.id - other.id);
}

/** Subjects other than `subject` that refer to this version of it. */
export function isReferredByOthers(
  state: RegistryState,
  subject: string,
  version: number,
  takesDeleted: boolean,
): boolean {
  return state.referrersOf(subject, version).some(({ context, id }) => {
    const places = placesOfId(state, id, prefixOfContext(context), takesDeleted) ?? [];
    return places.some((place) => place.subject !== subject);
  });
}
