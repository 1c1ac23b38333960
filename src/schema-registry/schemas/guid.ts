// The GUID of a schema: the MD5 of what decides whether two are the same, written as a UUID. Every registry comes to the same one,
// so it goes from cluster to cluster. Confluent's Schema.updateHash.
import { createHash, type Hash } from 'node:crypto';
import type { Metadata, Rule, RuleSet } from './entities.ts';
import type { SchemaReference } from '../formats/index.ts';

export interface Identified {
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
}

/** Stands before metadata and before rules, to tell those that are empty from none. */
const PRESENT = Buffer.of(1);

export function guidOf({ schema, references, metadata, ruleSet }: Identified): string {
  const hash = createHash('md5').update(schema);
  for (const { name, subject, version } of references) {
    const number = Buffer.alloc(4);
    number.writeInt32BE(version);
    hash.update(name).update(subject).update(number);
  }
  if (metadata !== undefined) hashMetadata(hash.update(PRESENT), metadata);
  if (ruleSet !== undefined) hashRuleSet(hash.update(PRESENT), ruleSet);
  return asUuid(hash.digest('hex'));
}

/** From the field `md5` of a record. undefined: it is none. */
export function guidFromMd5(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === 16 ? asUuid(bytes.toString('hex')) : undefined;
}

/** '2AF1…' with or without dashes, in the form in which it is kept. undefined: it is none. */
export function normalGuid(text: string): string | undefined {
  const digits = text.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? asUuid(digits) : undefined;
}

function asUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function hashMetadata(hash: Hash, { tags, properties, sensitive }: Metadata): void {
  for (const [name, list] of inOrder(tags)) {
    hash.update(name);
    for (const tag of list) hash.update(tag);
  }
  hashMap(hash, properties);
  for (const name of sensitive ?? []) hash.update(name);
}

function hashRuleSet(hash: Hash, { migrationRules, domainRules, encodingRules, enableAt }: RuleSet): void {
  for (const rules of [migrationRules, domainRules, encodingRules])
    for (const rule of rules ?? []) hashRule(hash, rule);
  if (enableAt !== undefined) hash.update(enableAt);
}

function hashRule(hash: Hash, rule: Rule): void {
  for (const text of [rule.name, rule.doc, rule.kind, rule.mode, rule.type]) if (text !== undefined) hash.update(text);
  for (const tag of rule.tags ?? []) hash.update(tag);
  hashMap(hash, rule.params);
  for (const text of [rule.expr, rule.onSuccess, rule.onFailure]) if (text !== undefined) hash.update(text);
  if (rule.disabled === true) hash.update(PRESENT);
}

function hashMap(hash: Hash, map: Readonly<Record<string, string>> | undefined): void {
  for (const [name, value] of inOrder(map)) hash.update(name).update(value);
}

/** That of Java's TreeMap; an object of JavaScript has names that are numbers elsewhere. */
function inOrder<T>(map: Readonly<Record<string, T>> | undefined): [string, T][] {
  return Object.entries(map ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
}
