// Changes of what a model says about properties or items that it does not name.
import type { Changes } from './comparison.ts';
import type { ArrayNode, ObjectNode, SchemaNode } from './schema-node.ts';

/** `name` is ADDITIONAL_PROPERTIES or ADDITIONAL_ITEMS. */
export function compareRest<T extends ObjectNode | ArrayNode>(
  changes: Changes,
  original: T,
  update: T,
  keyword: string,
  name: string,
): void {
  const [before, after] = [original.additional, update.additional];
  if (before.isPermitted !== after.isPermitted)
    changes.add(`${name}_${after.isPermitted ? 'ADDED' : 'REMOVED'}`, keyword);
  else if (before.node === undefined && after.node !== undefined) changes.add(`${name}_NARROWED`, keyword);
  else if (before.node !== undefined && after.node === undefined) changes.add(`${name}_EXTENDED`, keyword);
  else changes.compare(keyword, before.node, after.node);
  compareUnevaluated(
    changes,
    original.unevaluated,
    update.unevaluated,
    keyword.replace('additional', 'unevaluated'),
    name.replace('ADDITIONAL', 'UNEVALUATED'),
  );
}

function compareUnevaluated(
  changes: Changes,
  original: SchemaNode | undefined,
  update: SchemaNode | undefined,
  keyword: string,
  name: string,
): void {
  if (original === undefined && update === undefined) return;
  const [wasClosed, isClosed] = [original?.kind === 'nothing', update?.kind === 'nothing'];
  // Without the keyword, everything goes.
  const [wasOpen, isOpen] = [original?.kind === 'anything', update?.kind === 'anything'];
  if (isClosed && !wasClosed) changes.add(`${name}_REMOVED`, keyword);
  else if (wasClosed && !isClosed) changes.add(`${name}_ADDED`, keyword);
  else if (original === undefined || (wasOpen && !isOpen && update !== undefined))
    changes.add(`${name}_NARROWED`, keyword);
  else if (update === undefined || (isOpen && !wasOpen)) changes.add(`${name}_EXTENDED`, keyword);
  else changes.compare(keyword, original, update);
}
