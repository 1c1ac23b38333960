// Whether a model is open (anything may be beside what it names), partly open (what fits a schema or a pattern), or closed.
import { RE2JS } from 're2js';
import type { ArrayNode, ObjectNode, SchemaNode } from './schema-node.ts';

export function isOpen({ additional, unevaluated, ...rest }: ObjectNode | ArrayNode): boolean {
  if (!additional.isPermitted || additional.node !== undefined) return false;
  if (rest.kind === 'object' && rest.patterns.length > 0) return false;
  return unevaluated === undefined || unevaluated.kind === 'anything';
}

/** The schema that a property has which the model does not name; undefined when there may be none, or any. `spend` before each pattern. */
export function schemaOfProperty(object: ObjectNode, name: string, spend: () => void): SchemaNode | undefined {
  const found = object.patterns.find(({ pattern }) => {
    spend();
    return matches(pattern, name);
  });
  return found?.node ?? schemaOfRest(object);
}

/** The same for an item. */
export function schemaOfRest({ additional, unevaluated }: ObjectNode | ArrayNode): SchemaNode | undefined {
  if (additional.node !== undefined || !additional.isPermitted) return additional.node;
  return unevaluated?.kind === 'nothing' || unevaluated?.kind === 'anything' ? undefined : unevaluated;
}

const programs = new Map<string, RE2JS | undefined>();
const MOST_PROGRAMS = 5000;

/** In linear time. A pattern that only a backtracking engine knows (look-around) matches nothing. */
function matches(pattern: string, name: string): boolean {
  if (!programs.has(pattern)) {
    if (programs.size >= MOST_PROGRAMS) programs.clear();
    programs.set(pattern, compile(pattern));
  }
  return programs.get(pattern)?.matcher(name).find() === true;
}

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}
