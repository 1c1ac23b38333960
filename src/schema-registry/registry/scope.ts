// What counts for a subject: what is set for itself, else for its context, else for all. Confluent's getConfigInScope, getModeInScope.
import type { CompatibilityLevel, ConfigEntry, Mode } from '../schemas/entities.ts';
import { inScope, type RegistryState } from '../store/registry-state.ts';
import { isGlobalContext } from '../schemas/subjects.ts';

export interface ConfigInScope extends ConfigEntry {
  readonly compatibilityLevel: CompatibilityLevel;
}

/** What a subject's own config does not say, the global one does. */
const SHARED = [
  'normalize',
  'validateFields',
  'validateNewSchemas',
  'validateRules',
  'compatibilityPolicy',
  'compatibilityGroup',
] as const satisfies readonly (keyof ConfigEntry)[];

export function configInScope(
  state: RegistryState,
  subject: string | null,
  defaultLevel: CompatibilityLevel,
): ConfigInScope {
  const own = state.config(subject)?.entry;
  if (own === undefined || subject === null) {
    const found = inScope(subject, (place) => state.config(place)?.entry);
    return { compatibilityLevel: defaultLevel, ...found };
  }
  const ofAll = state.config(null)?.entry ?? {};
  const shared = Object.fromEntries(SHARED.flatMap((name) => (ofAll[name] === undefined ? [] : [[name, ofAll[name]]])));
  return { ...shared, compatibilityLevel: defaultLevel, ...own };
}

/** As it is set for this very subject; for all of them the default level stands in. undefined: nothing is set. */
export function ownConfig(
  state: RegistryState,
  subject: string | null,
  defaultLevel: CompatibilityLevel,
): ConfigInScope | undefined {
  const own = state.config(subject)?.entry;
  if (own !== undefined) return { compatibilityLevel: defaultLevel, ...own };
  return subject === null || isGlobalContext(subject) ? { compatibilityLevel: defaultLevel } : undefined;
}

const DEFAULT_MODE: Mode = 'READWRITE';

export function modeInScope(state: RegistryState, subject: string | null): Mode {
  return inScope(subject, (place) => state.mode(place)) ?? DEFAULT_MODE;
}

export function ownMode(state: RegistryState, subject: string | null): Mode | undefined {
  const own = state.mode(subject);
  return own ?? (subject === null || isGlobalContext(subject) ? DEFAULT_MODE : undefined);
}

export function isReadOnly(mode: Mode): boolean {
  return mode === 'READONLY' || mode === 'READONLY_OVERRIDE';
}

/** Schemas come with their ids, and are not held against those before. */
export function isImport(mode: Mode): boolean {
  return mode === 'IMPORT' || mode === 'FORWARD';
}
