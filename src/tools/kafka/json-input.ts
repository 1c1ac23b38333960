// JSON that a tool is given, read with the complaints of Kafka's JsonValue and DecodeJson.
import { JavaError } from './java-error.ts';

const mapping = (message: string): JavaError =>
  new JavaError('com.fasterxml.jackson.databind.JsonMappingException', message);

/** undefined: the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw mapping(`Expected JSON object, received ${JSON.stringify(value)}`);
}

export function asArray(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw mapping(`Expected JSON array, received ${JSON.stringify(value)}`);
}

export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw mapping(`Expected \`String\` value, received ${JSON.stringify(value)}`);
}

export function asInteger(value: unknown): number {
  if (Number.isInteger(value)) return value as number;
  throw mapping(`Expected \`Integer\` value, received ${JSON.stringify(value)}`);
}

export function asLong(value: unknown): number {
  if (Number.isInteger(value)) return value as number;
  throw mapping(`Expected \`Long\` value, received ${JSON.stringify(value)}`);
}

/** A field that has to be there. */
export function field(object: JsonObject, name: string): unknown {
  if (name in object) return object[name];
  throw mapping(`No such field exists: \`${name}\``);
}
