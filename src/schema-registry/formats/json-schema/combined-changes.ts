// Changes of allOf, anyOf, oneOf. A plain schema may become one branch of a sum, and a product may lose all but one; between
// two unions, as many branches as the smaller has must find a partner of their own.
import type { Changes, Outcome } from './comparison.ts';
import { pairUp } from './pair-up.ts';
import { jsonKey } from './scalar-changes.ts';
import type { CombinedNode, SchemaNode } from './schema-node.ts';

/** Whether one side is a union and the other one of its branches: then all is said. */
export function throughUnion(changes: Changes, original: SchemaNode, update: SchemaNode): boolean {
  if (original.kind !== 'combined' && update.kind === 'combined')
    return throughBranch(changes, update, update.criterion !== 'allOf', 'SUM_TYPE_EXTENDED', (part) =>
      changes.try(original, part),
    );
  if (original.kind === 'combined' && update.kind !== 'combined')
    return throughBranch(changes, original, original.criterion === 'allOf', 'PRODUCT_TYPE_NARROWED', (part) =>
      changes.try(part, update),
    );
  return false;
}

function throughBranch(
  changes: Changes,
  union: CombinedNode,
  mayBeAny: boolean,
  change: string,
  compare: (part: SchemaNode) => Outcome,
): boolean {
  const isSingle = union.parts.length === 1;
  if (!isSingle && !mayBeAny) return false;
  for (const part of union.parts) {
    const outcome = compare(part);
    if (!outcome.isCompatible) continue;
    changes.addAll('', outcome);
    if (!isSingle) changes.add(change);
    return true;
  }
  return false;
}

export function compareCombined(changes: Changes, original: CombinedNode, update: CombinedNode): void {
  if (!compareCriteria(changes, original, update)) return;
  const before = distinct(original.parts);
  const after = distinct(update.parts);
  if (before.length < after.length)
    changes.add(update.criterion === 'allOf' ? 'PRODUCT_TYPE_EXTENDED' : 'SUM_TYPE_EXTENDED');
  else if (before.length > after.length)
    changes.add(original.criterion === 'allOf' ? 'PRODUCT_TYPE_NARROWED' : 'SUM_TYPE_NARROWED');
  const outcomes = before.map((one) => after.map((other) => changes.try(one, other)));
  const pairs = pairUp(outcomes.map((row) => row.flatMap((outcome, at) => (outcome.isCompatible ? [at] : []))));
  pairs.forEach((partner, at) => {
    const outcome = partner === undefined ? undefined : outcomes[at]?.[partner];
    if (outcome !== undefined) changes.addAll(`${original.criterion}/${at}`, outcome);
  });
  const found = pairs.filter((partner) => partner !== undefined).length;
  if (found < Math.min(before.length, after.length)) changes.add('COMBINED_TYPE_SUBSCHEMAS_CHANGED');
}

/** False when the kinds of union have nothing to do with each other. */
function compareCriteria(changes: Changes, original: CombinedNode, update: CombinedNode): boolean {
  if (original.criterion === update.criterion) return true;
  const [wasSingle, isSingle] = [original.parts.length === 1, update.parts.length === 1];
  const isExtended =
    update.criterion === 'anyOf' ||
    (wasSingle && isSingle) ||
    (wasSingle && update.criterion === 'oneOf') ||
    (isSingle && original.criterion === 'allOf');
  changes.add(isExtended ? 'COMBINED_TYPE_EXTENDED' : 'COMBINED_TYPE_CHANGED');
  return isExtended;
}

/** Without branches that say the same as one before them. */
function distinct(parts: readonly SchemaNode[]): SchemaNode[] {
  const byKey = new Map<string, SchemaNode>();
  for (const part of parts) {
    const key = `${part.kind} ${jsonKey(part.source)}`;
    if (!byKey.has(key)) byKey.set(key, part);
  }
  return [...byKey.values()];
}
