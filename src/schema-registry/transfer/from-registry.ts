// Schemas, levels and modes of a running registry of any make, over Confluent's calls, as records of a topic: ids, versions and deletions
// as they are there. For those whose own store cannot be read (Apicurio, Confluent Cloud).
import { keyText, type RegistryKey } from '../records/keys.ts';
import { configEntryFrom, configText, modeFrom, modeText, schemaFrom, schemaText } from '../records/values.ts';
import type { StoredSchema } from '../schemas/entities.ts';

/** The answer to GET; undefined: the registry has no such thing. */
export type RegistryAsk = (path: string) => Promise<unknown>;

/** What a registry has answered that is none of Confluent's answers. */
export class ForeignAnswerError extends Error {
  override readonly name = 'ForeignAnswerError';
}

/** Lines as `exportSchemas` gives them: levels and modes, then schemas by their ids. Throws ForeignAnswerError, and what `ask` rejects with. */
export async function* exportFromRegistry(ask: RegistryAsk): AsyncGenerator<string, void> {
  const subjects = namesIn(await ask('/subjects?deleted=true'));
  for (const subject of [null, ...subjects]) {
    const at = subject === null ? '' : `/${encodeURIComponent(subject)}`;
    const config = fieldsIn(await ask(`/config${at}`));
    if (config !== undefined) {
      const entry = configEntryFrom(config, config['compatibilityLevel']);
      yield lineOf({ keytype: 'CONFIG', subject }, configText(subject, entry, {}));
    }
    const mode = modeFrom(JSON.stringify((await ask(`/mode${at}`)) ?? null));
    if (mode !== undefined) yield lineOf({ keytype: 'MODE', subject }, modeText(subject, mode));
  }
  const schemas: StoredSchema[] = [];
  for (const subject of subjects) schemas.push(...(await schemasOf(ask, subject)));
  // What refers to another was registered behind it.
  schemas.sort((a, b) => a.id - b.id || a.version - b.version);
  for (const schema of schemas) {
    const { subject, version } = schema;
    yield lineOf({ keytype: 'SCHEMA', subject, version }, schemaText(schema));
  }
}

const lineOf = (key: RegistryKey, value: string): string => `{"key":${keyText(key)},"value":${value}}`;

async function schemasOf(ask: RegistryAsk, subject: string): Promise<StoredSchema[]> {
  const at = `/subjects/${encodeURIComponent(subject)}/versions`;
  const living = new Set(numbersIn((await ask(at)) ?? []));
  const schemas: StoredSchema[] = [];
  for (const version of numbersIn((await ask(`${at}?deleted=true`)) ?? [])) {
    const found = await ask(`${at}/${version}?deleted=true`);
    const schema = schemaFrom(JSON.stringify(found ?? null), subject, version, 0);
    if (schema === undefined)
      throw new ForeignAnswerError(`version ${version} of ${subject} is answered with no schema and id`);
    schemas.push({ ...schema, deleted: !living.has(version), unknown: {} });
  }
  return schemas;
}

function fieldsIn(answer: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : undefined;
}

function namesIn(answer: unknown): string[] {
  if (Array.isArray(answer) && answer.every((one) => typeof one === 'string')) return answer;
  throw new ForeignAnswerError('it is answered with no list where subjects were asked for');
}

function numbersIn(answer: unknown): number[] {
  if (Array.isArray(answer) && answer.every((one) => Number.isInteger(one))) return answer as number[];
  throw new ForeignAnswerError('it is answered with no list where versions were asked for');
}
