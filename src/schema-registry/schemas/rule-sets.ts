// Metadata and rule sets: read from JSON into the one form that is kept (sorted, nothing empty), merged with what is set for the
// subject, checked, and hashed. Confluent's Metadata, Rule and RuleSet.
import {
  type Metadata,
  nonEmpty,
  type Rule,
  RULE_KINDS,
  RULE_MODES,
  type RuleKind,
  type RuleMode,
  type RuleSet,
} from './entities.ts';
import { invalidRuleSet, unprocessable } from './registry-error.ts';

const VERSION_PROPERTY = 'confluent:version';
const MIGRATION_MODES: readonly RuleMode[] = ['UPGRADE', 'DOWNGRADE', 'UPDOWN'];
const RULE_LISTS = ['migrationRules', 'domainRules', 'encodingRules'] as const;
const ENVIRONMENTS = ['ALL', 'CLIENT', 'GATEWAY', 'SERVER', 'NONE'];
const LONGEST_NAME = 64;

type Json = Readonly<Record<string, unknown>>;

/** Throws RegistryError 422 when it is none. */
export function metadataFrom(value: unknown): Metadata | undefined {
  if (value === undefined || value === null) return undefined;
  const { tags, properties, sensitive } = objectOf(value, 'metadata');
  const tagLists = Object.entries(objectOf(tags ?? {}, 'metadata.tags')).map(
    ([name, list]) => [name, textSet(list, `metadata.tags.${name}`)] as const,
  );
  return nonEmpty({
    tags: sorted(Object.fromEntries(tagLists)),
    properties: textMap(properties, 'metadata.properties'),
    sensitive: textSet(sensitive, 'metadata.sensitive'),
  }) as Metadata;
}

/** Throws RegistryError 422 when it is none. */
export function ruleSetFrom(value: unknown): RuleSet | undefined {
  if (value === undefined || value === null) return undefined;
  const fields = objectOf(value, 'ruleSet');
  const lists = Object.fromEntries(RULE_LISTS.map((list) => [list, rulesFrom(fields[list], `ruleSet.${list}`)]));
  const enableAt = optionalText(fields['enableAt'], 'ruleSet.enableAt');
  if (enableAt !== undefined && !ENVIRONMENTS.includes(enableAt)) throw unprocessable(`ruleSet.enableAt: ${enableAt}`);
  return nonEmpty({ ...lists, enableAt }) as RuleSet;
}

function rulesFrom(value: unknown, place: string): Rule[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unprocessable(`${place} is no list`);
  return value.map((one: unknown, index) => ruleFrom(objectOf(one, `${place}[${index}]`), `${place}[${index}]`));
}

function ruleFrom(fields: Json, place: string): Rule {
  const text = (name: string): string | undefined => optionalText(fields[name], `${place}.${name}`);
  const kind = text('kind') ?? 'TRANSFORM';
  const mode = text('mode') ?? 'WRITEREAD';
  if (!RULE_KINDS.includes(kind as RuleKind)) throw unprocessable(`${place}.kind: ${kind}`);
  if (!RULE_MODES.includes(mode as RuleMode)) throw unprocessable(`${place}.mode: ${mode}`);
  return {
    ...nonEmpty({
      name: text('name'),
      doc: text('doc'),
      kind,
      mode,
      type: text('type'),
      tags: textSet(fields['tags'], `${place}.tags`),
      params: textMap(fields['params'], `${place}.params`),
      expr: text('expr'),
      onSuccess: text('onSuccess'),
      onFailure: text('onFailure'),
    }),
    disabled: fields['disabled'] === true,
  } as Rule;
}

/** Throws RegistryError 42210. */
export function checkRuleSet(ruleSet: RuleSet | undefined): void {
  const names = new Set<string>();
  for (const list of RULE_LISTS) {
    for (const rule of ruleSet?.[list] ?? []) {
      checkRule(rule);
      if (names.has(rule.name)) throw invalidRuleSet(`Found rule with duplicate name '${rule.name}'`);
      names.add(rule.name);
      const isMigration = MIGRATION_MODES.includes(rule.mode ?? 'WRITEREAD');
      if (list === 'migrationRules' && !isMigration)
        throw invalidRuleSet('Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN');
      if (list !== 'migrationRules' && isMigration)
        throw invalidRuleSet(
          `${list === 'domainRules' ? 'Domain' : 'Encoding'} rules can only be WRITE, READ, WRITEREAD`,
        );
    }
  }
}

function checkRule({ name, type, mode, onSuccess, onFailure }: Rule): void {
  if (name === undefined) throw invalidRuleSet('Missing rule name');
  if (name.length > LONGEST_NAME) throw invalidRuleSet('Rule name too long');
  if (!/^[\p{L}_]/u.test(name)) throw invalidRuleSet(`Illegal initial character in rule name: ${name}`);
  if (!/^[\p{L}\p{Nd}_-]+$/u.test(name)) throw invalidRuleSet(`Illegal character in rule name: ${name}`);
  if (type === undefined) throw invalidRuleSet('Missing rule type');
  const takesSeveral = mode === 'WRITEREAD' || mode === 'UPDOWN';
  if (!takesSeveral && [onSuccess, onFailure].some((action) => action?.includes(',') === true))
    throw invalidRuleSet('Multiple actions only valid with WRITEREAD and UPDOWN');
}

/** What `over` says counts; a map is taken over key by key. */
export function mergedMetadata(under: Metadata | undefined, over: Metadata | undefined): Metadata | undefined {
  if (under === undefined || over === undefined) return over ?? under;
  return nonEmpty({
    tags: sorted({ ...under.tags, ...over.tags }),
    properties: sorted({ ...under.properties, ...over.properties }),
    sensitive: [...new Set([...(under.sensitive ?? []), ...(over.sensitive ?? [])])].sort(),
  }) as Metadata;
}

/** A rule of the same name in `over` takes the place of the one below. */
export function mergedRuleSet(under: RuleSet | undefined, over: RuleSet | undefined): RuleSet | undefined {
  if (under === undefined || over === undefined) return over ?? under;
  const lists = RULE_LISTS.map((list) => {
    const newer = over[list] ?? [];
    const kept = (under[list] ?? []).filter(({ name }) => !newer.some((rule) => rule.name === name));
    return [list, [...kept, ...newer]] as const;
  });
  return nonEmpty({ ...Object.fromEntries(lists), enableAt: over.enableAt ?? under.enableAt }) as RuleSet;
}

export function withVersion(metadata: Metadata | undefined, version: number): Metadata {
  return { ...metadata, properties: sorted({ ...metadata?.properties, [VERSION_PROPERTY]: String(version) }) };
}

export function versionIn(metadata: Metadata | undefined): string | undefined {
  return metadata?.properties?.[VERSION_PROPERTY];
}

export function withoutVersion(metadata: Metadata | undefined): Metadata | undefined {
  if (versionIn(metadata) === undefined) return metadata;
  const { [VERSION_PROPERTY]: _, ...properties } = { ...metadata?.properties };
  const { properties: __, ...rest } = metadata as Metadata;
  return Object.keys(properties).length === 0 ? rest : { ...rest, properties };
}

function objectOf(value: unknown, place: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw unprocessable(`${place} is no object`);
}

function optionalText(value: unknown, place: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw unprocessable(`${place} is no text`);
}

function textSet(value: unknown, place: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unprocessable(`${place} is no list`);
  return [...new Set(value.map((one: unknown) => optionalText(one, place) ?? ''))].sort();
}

function textMap(value: unknown, place: string): Record<string, string> {
  const entries = Object.entries(objectOf(value ?? {}, place));
  return sorted(Object.fromEntries(entries.map(([name, one]) => [name, optionalText(one, `${place}.${name}`) ?? ''])));
}

/** By name, in the order of Java's TreeMap: UTF-16 units. */
function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(map);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)));
}
