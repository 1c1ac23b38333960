// Instances held against a JSON Schema, with ajv. Patterns run in linear time, whoever wrote them (RE2); nothing is fetched.
import { Ajv, type AnySchema, type Options } from 'ajv';
import Ajv2019 from 'ajv/dist/2019.js';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';

/** Throws an Error that says what does not fit, and where. */
export type InstanceCheck = (instance: unknown) => void;

type JsonObject = Record<string, unknown>;

/**
 * `named`: texts of the schemas that the schema refers to, by the names that it uses. Throws when the schema cannot be used:
 * it is none, refers to what is not there, or has a pattern that only a backtracking engine knows.
 */
export function jsonValidator(text: string, named: ReadonlyMap<string, string> = new Map()): InstanceCheck {
  const schema = JSON.parse(text) as AnySchema;
  const draft = draftOf(schema);
  const ajv = instanceOf(draft);
  addFormats.default(ajv, { mode: 'fast' });
  const base = baseOf(schema);
  for (const [name, other] of named) {
    const key = resolved(name, base);
    if (ajv.getSchema(key) === undefined) ajv.addSchema(prepared(JSON.parse(other) as AnySchema, key), key);
  }
  const validate = ajv.compile(prepared(schema, base));
  return (instance) => {
    if (validate(instance)) return;
    throw new Error(ajv.errorsText(validate.errors, { dataVar: '' }) || 'the instance does not fit the schema');
  };
}

/** Where schemas without an own `$id` stand, so that their names can be told apart. */
const BASE = 'mem://input/';

function baseOf(schema: AnySchema): string {
  const id = typeof schema === 'object' ? ((schema as JsonObject)['$id'] ?? (schema as JsonObject)['id']) : undefined;
  return resolved(typeof id === 'string' ? id : '', BASE);
}

function resolved(name: string, base: string): string {
  try {
    return new URL(name, base).href;
  } catch {
    return name;
  }
}

const engine = Object.assign(
  (pattern: string) => {
    let program: RE2JS;
    try {
      program = RE2JS.compile(pattern);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `the pattern ${JSON.stringify(pattern)} cannot run in linear time and is not run at all (${reason})`,
      );
    }
    return { test: (value: string) => program.matcher(value).find() };
  },
  { code: 'linear' },
);

const options: Options = { strict: false, validateSchema: false, logger: false, code: { regExp: engine } };

function instanceOf(draft: string): Ajv {
  if (draft === '2020-12') return new Ajv2020.default(options);
  return draft === '2019-09' ? new Ajv2019.default(options) : new Ajv(options);
}

function draftOf(schema: AnySchema): string {
  const url = typeof schema === 'object' ? (schema as JsonObject)['$schema'] : undefined;
  return typeof url === 'string' ? (/draft[-/](2020-12|2019-09|0\d)\/schema/.exec(url)?.[1] ?? '07') : '07';
}

/** With an `$id`, without `$schema` (ajv knows one draft at a time), and draft 4's words in those of draft 7. */
function prepared(schema: AnySchema, id: string): AnySchema {
  if (typeof schema !== 'object') return schema;
  const draft = draftOf(schema);
  const { $schema: _, ...rest } = (draft === '04' ? modern(schema) : schema) as JsonObject;
  return { ...rest, $id: id };
}

function modern(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(modern);
  if (typeof json !== 'object' || json === null) return json;
  const found: JsonObject = {};
  for (const [key, value] of Object.entries(json))
    found[key === 'id' && typeof value === 'string' ? '$id' : key] = modern(value);
  for (const [limit, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof found[exclusive] !== 'boolean') continue;
    if (found[exclusive]) {
      found[exclusive] = found[limit];
      delete found[limit];
    } else delete found[exclusive];
  }
  return found;
}
