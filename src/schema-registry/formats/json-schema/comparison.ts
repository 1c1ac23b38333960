// Comparing two JSON Schemas node by node. A pair of nodes is compared once, whatever the number of ways to it; a circle counts
// as compatible until it is proven not to be, and then everything is looked at again with that knowledge.
import { type CompatibilityPolicy, InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';
import { sameJson } from '../json-text/index.ts';
import { compareArrays } from './array-changes.ts';
import { compareCombined, throughUnion } from './combined-changes.ts';
import { isBorne } from './json-changes.ts';
import { compareObjects } from './object-changes.ts';
import { compareNumbers, compareStrings, compareValues } from './scalar-changes.ts';
import type { Annotations, SchemaNode } from './schema-node.ts';

export interface Change {
  readonly type: string;
  /** From the node that is compared. */
  readonly path: string;
}

/** What a comparison found; `isCompatible` holds even where the list was cut. */
export interface Outcome {
  readonly changes: readonly Change[];
  readonly isCompatible: boolean;
}

const PATTERN_STEPS = 20;
const NOTHING: Outcome = { changes: [], isCompatible: true };
type Pairs<T> = Map<SchemaNode, Map<SchemaNode, T>>;

/** From the writer's schema to the reader's. Throws InvalidSchemaError. */
export function jsonChanges(original: SchemaNode, update: SchemaNode, policy: CompatibilityPolicy): Outcome {
  let known: Pairs<Outcome> = new Map();
  for (let steps = 0; ; ) {
    const comparison = new Comparison(policy, known, steps);
    const outcome = comparison.compare(original, update);
    const broken = comparison.broken();
    if (!comparison.assumed || sizeOf(broken) === sizeOf(known)) return outcome;
    steps = comparison.steps;
    known = broken;
  }
}

function sizeOf(pairs: Pairs<Outcome>): number {
  let size = 0;
  for (const inner of pairs.values()) size += inner.size;
  return size;
}

export class Comparison {
  /** Whether a circle was taken for compatible. */
  assumed = false;
  steps: number;
  private readonly policy: CompatibilityPolicy;
  private readonly known: Pairs<Outcome>;
  private readonly outcomes: Pairs<Outcome | 'open'> = new Map();

  constructor(policy: CompatibilityPolicy, known: Pairs<Outcome>, steps: number) {
    this.policy = policy;
    this.known = known;
    this.steps = steps;
  }

  compare(original: SchemaNode, update: SchemaNode): Outcome {
    const [before, after] = [meant(original), meant(update)];
    const row = this.outcomes.get(before) ?? new Map<SchemaNode, Outcome | 'open'>();
    this.outcomes.set(before, row);
    const found = row.get(after);
    if (found === 'open') {
      const proven = this.known.get(before)?.get(after);
      if (proven === undefined) this.assumed = true;
      return proven ?? NOTHING;
    }
    if (found !== undefined) return found;
    this.spend();
    row.set(after, 'open');
    const changes = new Changes(this, this.policy);
    compareNodes(changes, before, after);
    const outcome = changes.outcome();
    row.set(after, outcome);
    return outcome;
  }

  /** Throws InvalidSchemaError when there is more to do than we are ready to. */
  spend(steps = 1): void {
    this.steps += steps;
    if (this.steps > SCHEMA_LIMITS.comparisons)
      throw new InvalidSchemaError(`more than ${SCHEMA_LIMITS.comparisons} pairs of schemas to compare`);
  }

  broken(): Pairs<Outcome> {
    const broken: Pairs<Outcome> = new Map();
    for (const [original, row] of this.outcomes)
      for (const [update, outcome] of row) {
        if (outcome === 'open' || outcome.isCompatible) continue;
        broken.set(original, (broken.get(original) ?? new Map()).set(update, outcome));
      }
    return broken;
  }
}

/** What a reference stands for, and a reference to a reference. Throws InvalidSchemaError. */
function meant(node: SchemaNode): SchemaNode {
  let found = node;
  for (let hops = 0; found.kind === 'reference'; hops++) {
    if (hops > SCHEMA_LIMITS.depth) throw new InvalidSchemaError(`the reference ${found.ref} leads to itself`);
    found = found.target();
  }
  return found;
}

/** The changes of one pair, as they are found. */
export class Changes {
  private readonly comparison: Comparison;
  private readonly policy: CompatibilityPolicy;
  private readonly list: Change[] = [];
  private isCompatible = true;

  constructor(comparison: Comparison, policy: CompatibilityPolicy) {
    this.comparison = comparison;
    this.policy = policy;
  }

  add(type: string, path = ''): void {
    this.keep({ type, path });
  }

  /** Compares below, and takes over what is found there. */
  compare(path: string, original: SchemaNode | undefined, update: SchemaNode | undefined): void {
    if (original === undefined && update === undefined) return;
    if (original === undefined) this.add('SCHEMA_ADDED', path);
    else if (update === undefined) this.add('SCHEMA_REMOVED', path);
    else this.addAll(path, this.try(original, update));
  }

  /** Compares, and takes over nothing. */
  try(original: SchemaNode, update: SchemaNode): Outcome {
    return this.comparison.compare(original, update);
  }

  /** A pattern held against a name takes as long as some pairs do. */
  spendOnPattern(): void {
    this.comparison.spend(PATTERN_STEPS);
  }

  addAll(path: string, outcome: Outcome): void {
    if (!outcome.isCompatible) this.isCompatible = false;
    for (const change of outcome.changes)
      this.keep({
        type: change.type,
        path: path === '' ? change.path : change.path === '' ? path : `${path}/${change.path}`,
      });
  }

  outcome(): Outcome {
    return { changes: this.list, isCompatible: this.isCompatible };
  }

  /** Of very many, those that break nothing make room for those that do. */
  private keep(change: Change): void {
    const breaks = !isBorne(change.type, this.policy);
    if (breaks) this.isCompatible = false;
    if (this.list.length < SCHEMA_LIMITS.reasons) this.list.push(change);
    else if (breaks) {
      const harmless = this.list.findLastIndex(({ type }) => isBorne(type, this.policy));
      if (harmless >= 0) this.list[harmless] = change;
    }
  }
}

function compareNodes(changes: Changes, original: SchemaNode, update: SchemaNode): void {
  if (throughUnion(changes, original, update)) return;
  if (original.kind !== update.kind) {
    if (original.kind === 'nothing' || update.kind === 'anything') return;
    if (original.connectType === 'bytes' && update.connectType === 'bytes') return;
    changes.add('TYPE_CHANGED');
    return;
  }
  compareAnnotations(changes, original, update);
  switch (original.kind) {
    case 'string':
      return compareStrings(changes, original, update as typeof original);
    case 'number':
      return compareNumbers(changes, original, update as typeof original);
    case 'const':
    case 'enum':
      return compareValues(changes, original, update as typeof original);
    case 'combined':
      return compareCombined(changes, original, update as typeof original);
    case 'not':
      // What must not be there may only become less.
      changes.add(
        changes.try((update as typeof original).node, original.node).isCompatible
          ? 'NOT_TYPE_NARROWED'
          : 'NOT_TYPE_EXTENDED',
        'not',
      );
      return;
    case 'object':
      return compareObjects(changes, original, update as typeof original);
    case 'array':
      return compareArrays(changes, original, update as typeof original);
    default:
  }
}

function compareAnnotations(changes: Changes, original: Annotations, update: Annotations): void {
  if (original.id !== update.id) changes.add('ID_CHANGED');
  if (original.title !== update.title) changes.add('TITLE_CHANGED');
  if (original.description !== update.description) changes.add('DESCRIPTION_CHANGED');
  if (!sameJson(original.default, update.default)) changes.add('DEFAULT_CHANGED');
}
