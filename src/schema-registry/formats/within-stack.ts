// Types that refer to one another by name can be nested deeper than any text is. Where that is more than the stack holds, the
// schema is refused, and nobody ends.
import { InvalidSchemaError } from './schema-format.ts';

/** Throws InvalidSchemaError in place of a stack that overflows. */
export function withinStack<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidSchemaError('Types refer to one another more deeply than can be followed');
  }
}
