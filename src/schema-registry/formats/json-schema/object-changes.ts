// Changes of objects. A property may come where nothing of that name could be before (a closed model), and go where anything
// may be (an open one); between the two, the schema that covers its name decides.
import type { Changes } from './comparison.ts';
import { isOpen, schemaOfProperty } from './content-model.ts';
import { compareRest } from './rest-changes.ts';
import { compareLimit } from './scalar-changes.ts';
import type { ObjectNode, SchemaNode } from './schema-node.ts';

export function compareObjects(changes: Changes, original: ObjectNode, update: ObjectNode): void {
  compareRequired(changes, original, update);
  for (const name of new Set([...original.properties.keys(), ...update.properties.keys()])) {
    const path = `properties/${name}`;
    const [before, after] = [original.properties.get(name), update.properties.get(name)];
    if (before === undefined) added(changes, path, name, original, update);
    else if (after === undefined) removed(changes, path, name, before, update);
    else changes.compare(path, before, after);
  }
  compareDependencies(changes, original, update);
  compareRest(changes, original, update, 'additionalProperties', 'ADDITIONAL_PROPERTIES');
  compareLimit(changes, 'maxProperties', 'MAX_PROPERTIES', original.maxProperties, update.maxProperties);
  compareLimit(changes, 'minProperties', 'MIN_PROPERTIES', original.minProperties, update.minProperties);
}

function compareRequired(changes: Changes, original: ObjectNode, update: ObjectNode): void {
  for (const name of original.properties.keys()) {
    const property = update.properties.get(name);
    if (property === undefined || original.required.has(name) === update.required.has(name)) continue;
    const withDefault = property.default === undefined ? '' : 'WITH_DEFAULT_';
    changes.add(
      original.required.has(name) ? 'REQUIRED_ATTRIBUTE_REMOVED' : `REQUIRED_ATTRIBUTE_${withDefault}ADDED`,
      `required/${name}`,
    );
  }
}

function removed(changes: Changes, path: string, name: string, before: SchemaNode, update: ObjectNode): void {
  if (isOpen(update)) return changes.add('PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL', path);
  const covering = schemaOfProperty(update, name, () => changes.spendOnPattern());
  if (covering !== undefined) {
    const outcome = changes.try(before, covering);
    changes.addAll(path, outcome);
    changes.add(
      `PROPERTY_REMOVED_${outcome.isCompatible ? 'IS' : 'NOT'}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL`,
      path,
    );
  } else if (before.kind === 'nothing') changes.add('PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL', path);
  else changes.add('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', path);
}

function added(changes: Changes, path: string, name: string, original: ObjectNode, update: ObjectNode): void {
  const after = update.properties.get(name);
  if (after === undefined) return;
  const kind = !update.required.has(name)
    ? 'OPTIONAL_PROPERTY'
    : after.default === undefined
      ? 'REQUIRED_PROPERTY'
      : 'REQUIRED_PROPERTY_WITH_DEFAULT';
  if (isOpen(original)) {
    const isEmpty = after.kind === 'anything';
    changes.add(`${isEmpty ? 'PROPERTY_WITH_EMPTY_SCHEMA' : kind}_ADDED_TO_OPEN_CONTENT_MODEL`, path);
    return;
  }
  const covering = schemaOfProperty(original, name, () => changes.spendOnPattern());
  if (covering !== undefined) {
    const outcome = changes.try(covering, after);
    changes.addAll(path, outcome);
    changes.add(`PROPERTY_ADDED_${outcome.isCompatible ? 'IS' : 'NOT'}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL`, path);
  }
  changes.add(`${kind}_ADDED_TO_UNOPEN_CONTENT_MODEL`, path);
}

function compareDependencies(changes: Changes, original: ObjectNode, update: ObjectNode): void {
  for (const name of new Set([...original.propertyDependencies.keys(), ...update.propertyDependencies.keys()])) {
    const [before, after] = [original.propertyDependencies.get(name), update.propertyDependencies.get(name)];
    const path = `dependencies/${name}`;
    if (after === undefined) changes.add('DEPENDENCY_ARRAY_REMOVED', path);
    else if (before === undefined) changes.add('DEPENDENCY_ARRAY_ADDED', path);
    else {
      const keepsAll = [...before].every((one) => after.has(one));
      const addsNone = [...after].every((one) => before.has(one));
      if (keepsAll && addsNone) continue;
      changes.add(`DEPENDENCY_ARRAY_${keepsAll ? 'EXTENDED' : addsNone ? 'NARROWED' : 'CHANGED'}`, path);
    }
  }
  for (const name of new Set([...original.schemaDependencies.keys(), ...update.schemaDependencies.keys()])) {
    const [before, after] = [original.schemaDependencies.get(name), update.schemaDependencies.get(name)];
    const path = `dependencies/${name}`;
    if (after === undefined) changes.add('DEPENDENCY_SCHEMA_REMOVED', path);
    else if (before === undefined) changes.add('DEPENDENCY_SCHEMA_ADDED', path);
    else changes.compare(path, before, after);
  }
}
