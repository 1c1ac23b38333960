// What may stand together in a union.
import { InvalidSchemaError } from '../schema-format.ts';
import { type AvroType, branchName } from './avro-type.ts';

/** Throws InvalidSchemaError when two branches are of one name or one is a union. */
export function checkUnion(branches: readonly AvroType[]): void {
  const names = new Set<string>();
  for (const branch of branches) {
    if (branch.kind === 'union') throw new InvalidSchemaError('Nested union');
    if (branch.kind === 'open name') continue;
    const name = branchName(branch);
    if (names.has(name)) throw new InvalidSchemaError(`Duplicate in union: ${name}`);
    names.add(name);
  }
}
