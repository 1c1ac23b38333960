// Data held against a JSON Schema.
import { type DataCheck, DataError } from '../schema-format.ts';

/** Throws DataError when the schema cannot be used to check data. */
export async function jsonDataCheck(text: string, named: ReadonlyMap<string, string>): Promise<DataCheck> {
  const { jsonValidator } = await import('../../../serde/json-schema/json-validator.ts');
  const check = orDataError(() => jsonValidator(text, named));
  return (payload) => orDataError(() => check(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))));
}

function orDataError<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new DataError(error instanceof Error ? error.message : String(error));
  }
}
