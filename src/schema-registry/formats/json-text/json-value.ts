// JSON as schemas need it: the order of keys, and whether a number was written as an integer, survive (JSON.parse loses
// both: keys like "1" move to the front, 1.0 becomes 1, 2^53 + 1 becomes 2^53).

/** A number as it was written; two numbers of the same kind and value are the same number. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  /** Written without fraction and exponent. */
  get isInteger(): boolean {
    return /^-?\d+$/.test(this.text);
  }
  get value(): number {
    return Number(this.text);
  }
}

export type JsonObject = Map<string, Json>;
export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;

export const isObject = (value: Json | undefined): value is JsonObject => value instanceof Map;

/** Numbers by value within their kind, objects without regard to order: as Jackson compares trees. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (a instanceof JsonNumber && b instanceof JsonNumber) return sameNumber(a, b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => sameJson(item, b[at]));
  if (!isObject(a) || !isObject(b) || a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !sameJson(value, b.get(key))) return false;
  return true;
}

function sameNumber(a: JsonNumber, b: JsonNumber): boolean {
  if (a.isInteger !== b.isInteger) return false;
  return a.isInteger ? BigInt(a.text) === BigInt(b.text) : a.value === b.value;
}

/** As plain JavaScript, for libraries that want it; an integer beyond 2^53 loses digits. */
export function plainJson(value: Json): unknown {
  if (value instanceof JsonNumber) return value.value;
  if (Array.isArray(value)) return value.map(plainJson);
  if (!isObject(value)) return value;
  const plain: Record<string, unknown> = {};
  for (const [key, item] of value)
    Object.defineProperty(plain, key, { value: plainJson(item), enumerable: true, writable: true, configurable: true });
  return plain;
}
