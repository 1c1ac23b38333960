// Changes of arrays: the schema of all items, those of items in their places, and what comes beyond them.
import type { Changes } from './comparison.ts';
import { isOpen, schemaOfRest } from './content-model.ts';
import { compareRest } from './rest-changes.ts';
import { compareLimit } from './scalar-changes.ts';
import type { ArrayNode, SchemaNode } from './schema-node.ts';

export function compareArrays(changes: Changes, original: ArrayNode, update: ArrayNode): void {
  changes.compare('items', original.allItems, update.allItems);
  for (let at = 0; at < Math.max(original.items.length, update.items.length); at++) {
    const [before, after] = [original.items[at], update.items[at]];
    const path = `items/${at}`;
    if (before === undefined && after !== undefined) added(changes, path, after, original);
    else if (before !== undefined && after === undefined) removed(changes, path, before, update);
    else changes.compare(path, before, after);
  }
  compareRest(changes, original, update, 'additionalItems', 'ADDITIONAL_ITEMS');
  compareLimit(changes, 'maxItems', 'MAX_ITEMS', original.maxItems, update.maxItems);
  compareLimit(changes, 'minItems', 'MIN_ITEMS', original.minItems, update.minItems);
  if (original.uniqueItems !== update.uniqueItems)
    changes.add(original.uniqueItems ? 'UNIQUE_ITEMS_REMOVED' : 'UNIQUE_ITEMS_ADDED', 'uniqueItems');
  compareLimit(changes, 'maxContains', 'MAX_CONTAINS', original.maxContains, update.maxContains);
  compareLimit(changes, 'minContains', 'MIN_CONTAINS', original.minContains, update.minContains);
}

function removed(changes: Changes, path: string, before: SchemaNode, update: ArrayNode): void {
  if (isOpen(update)) return changes.add('ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL', path);
  const covering = schemaOfRest(update);
  if (covering !== undefined) {
    const outcome = changes.try(before, covering);
    changes.addAll(path, outcome);
    changes.add(`ITEM_REMOVED_${outcome.isCompatible ? 'IS' : 'NOT'}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL`, path);
  } else if (before.kind === 'nothing') changes.add('ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL', path);
  else changes.add('ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL', path);
}

function added(changes: Changes, path: string, after: SchemaNode, original: ArrayNode): void {
  if (isOpen(original)) {
    const isEmpty = after.kind === 'anything';
    changes.add(
      isEmpty ? 'ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL' : 'ITEM_ADDED_TO_OPEN_CONTENT_MODEL',
      path,
    );
    return;
  }
  const covering = schemaOfRest(original);
  if (covering === undefined) return changes.add('ITEM_ADDED_TO_CLOSED_CONTENT_MODEL', path);
  const outcome = changes.try(covering, after);
  changes.addAll(path, outcome);
  changes.add(`ITEM_ADDED_${outcome.isCompatible ? 'IS' : 'NOT'}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL`, path);
}
