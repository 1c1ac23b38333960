// What the registry keeps, in the words of Confluent's JSON: schemas under subjects and versions, what is set for them, modes.
import type { SchemaReference, SchemaType } from '../formats/index.ts';

export interface Metadata {
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly properties?: Readonly<Record<string, string>>;
  readonly sensitive?: readonly string[];
}

export const RULE_MODES = ['UPGRADE', 'DOWNGRADE', 'UPDOWN', 'WRITE', 'READ', 'WRITEREAD'] as const;
export type RuleMode = (typeof RULE_MODES)[number];
export const RULE_KINDS = ['TRANSFORM', 'CONDITION'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

export interface Rule {
  readonly name: string;
  readonly doc?: string;
  readonly kind?: RuleKind;
  readonly mode?: RuleMode;
  readonly type: string;
  readonly tags?: readonly string[];
  readonly params?: Readonly<Record<string, string>>;
  readonly expr?: string;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly disabled?: boolean;
}

export interface RuleSet {
  readonly migrationRules?: readonly Rule[];
  readonly domainRules?: readonly Rule[];
  readonly encodingRules?: readonly Rule[];
  readonly enableAt?: string;
}

/** Fields that we do not know: kept, and written again with the record. */
export type UnknownFields = Readonly<Record<string, unknown>>;

/** A schema as it stands, or is to stand, under a subject. The subject has its context before it, unless that is the default one. */
export interface StoredSchema {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schemaType: SchemaType;
  readonly references: readonly SchemaReference[];
  readonly metadata: Metadata | undefined;
  readonly ruleSet: RuleSet | undefined;
  readonly schema: string;
  readonly deleted: boolean;
  readonly guid: string;
  /** When the record was written, milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly unknown: UnknownFields;
}

export const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'] as const;
export type Mode = (typeof MODES)[number];

export const COMPATIBILITY_LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof COMPATIBILITY_LEVELS)[number];

/** What is set for a subject, a context or all of them. */
export interface ConfigEntry {
  readonly alias?: string;
  readonly aliasForDeks?: string;
  readonly normalize?: boolean;
  readonly validateFields?: boolean;
  readonly validateNewSchemas?: boolean;
  readonly validateRules?: boolean;
  readonly compatibilityLevel?: CompatibilityLevel;
  readonly compatibilityPolicy?: string;
  readonly compatibilityGroup?: string;
  readonly defaultMetadata?: Metadata;
  readonly overrideMetadata?: Metadata;
  readonly defaultRuleSet?: RuleSet;
  readonly overrideRuleSet?: RuleSet;
}

/** In the order in which Confluent's JSON has them. */
export const CONFIG_FIELDS = [
  'alias',
  'aliasForDeks',
  'normalize',
  'validateFields',
  'validateNewSchemas',
  'validateRules',
  'compatibilityLevel',
  'compatibilityPolicy',
  'compatibilityGroup',
  'defaultMetadata',
  'overrideMetadata',
  'defaultRuleSet',
  'overrideRuleSet',
] as const satisfies readonly (keyof ConfigEntry)[];

/** A context and an id in it. */
export interface ContextId {
  readonly context: string;
  readonly id: number;
}

/** Throws away what Jackson's NON_EMPTY would: null, '', empty lists and objects. */
export function nonEmpty<T extends Readonly<Record<string, unknown>>>(fields: T): Partial<T> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (!isEmpty(value)) kept[name] = value;
  return kept as Partial<T>;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
