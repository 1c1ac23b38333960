// Which names Avro takes (NameValidator): a new schema's must be ASCII letters, digits and underscores; a schema that was
// taken earlier may have letters of any script.
import { InvalidSchemaError } from '../schema-format.ts';

export type NameRule = (name: string) => void;

function rule(first: RegExp, rest: RegExp): NameRule {
  return (name) => {
    if (name === '') throw new InvalidSchemaError('Empty name');
    if (!first.test(name)) throw new InvalidSchemaError(`Illegal initial character: ${name}`);
    if (!rest.test(name)) throw new InvalidSchemaError(`Illegal character in: ${name}`);
  };
}

/** For what nobody looked at when it was taken. */
export const anyNames: NameRule = () => undefined;
export const strictNames = rule(/^[A-Za-z_]/, /^[A-Za-z0-9_]*$/);
export const unicodeNames = rule(/^[\p{L}_]/u, /^[\p{L}\p{Nd}_]*$/u);
