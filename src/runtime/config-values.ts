// From text to value and back, as Kafka does it (ConfigDef.parseType, its validators, convertToString): the same values
// are taken, the same refused, with the same words, because clients see them in CreateTopics and AlterConfigs.
import {
  type ConfigDeclarations,
  ConfigError,
  type ConfigKey,
  type ConfigOf,
  type ConfigValue,
  LONG_MAX_TEXT,
} from './config.ts';

/** The value that `text` says. Throws ConfigError with Kafka's message. */
export function parseValue<T extends ConfigValue>(key: ConfigKey<T>, text: string): T {
  const value = parseText(key, text);
  validate(key, value, text);
  // The parser goes by key.type, which the constructors of ConfigKey tie to T.
  return value as T;
}

/** `text` as Kafka prints it once it has been parsed; longs are exact. Throws ConfigError as `parseValue`. */
export function normalText(key: ConfigKey, text: string): string | null {
  const value = parseValue(key, text);
  return key.type === 'long' ? String(longOf(javaTrim(text))) : formatValue(key, value);
}

/** Kafka's text of a value; null stays null. A list is joined by commas; a clamped long is written as 2^63 - 1, "no limit". */
export function formatValue(key: Pick<ConfigKey, 'type' | 'isExact'>, value: ConfigValue): string | null {
  if (value === null) return null;
  if (typeof value === 'object') return value.join(',');
  if (typeof value !== 'number' || key.isExact) return String(value);
  return key.type === 'double' ? formatDouble(value) : formatWhole(value);
}

/**
 * Reads what a room declares from entries of key and text; absent keys take their defaults, keys that the room does not
 * declare are none of its business. Throws ConfigError at the first bad value.
 */
export function parseConfigs<D extends ConfigDeclarations>(
  declarations: D,
  entries: ReadonlyMap<string, string>,
): ConfigOf<D> {
  const values: Record<string, ConfigValue> = {};
  for (const [property, key] of Object.entries(declarations)) {
    const text = entries.get(key.name);
    values[property] = text === undefined ? key.defaultValue : parseValue(key, text);
  }
  return values as ConfigOf<D>;
}

function parseText(key: ConfigKey, text: string): NonNullable<ConfigValue> {
  const trimmed = javaTrim(text);
  switch (key.type) {
    case 'boolean':
      return parseBoolean(key.name, text, trimmed);
    case 'int':
      return parseWhole(key, text, trimmed, 2n ** 31n);
    case 'short':
      return parseWhole(key, text, trimmed, 2n ** 15n);
    case 'long':
      return parseWhole(key, text, trimmed, 2n ** 63n);
    case 'double':
      return parseDouble(key.name, text, trimmed);
    case 'list':
      // Kafka drops what stands twice in a list.
      return trimmed === '' ? [] : [...new Set(trimmed.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/))];
    case 'string':
    case 'class':
    case 'password':
      return trimmed;
  }
}

function parseBoolean(name: string, text: string, trimmed: string): boolean {
  const lower = trimmed.toLowerCase();
  if (lower === 'true') return true;
  if (lower === 'false') return false;
  throw invalid(name, text, 'Expected value to be either true or false');
}

function parseWhole(key: ConfigKey, text: string, trimmed: string, bound: bigint): number | bigint {
  if (!/^[+-]?\d+$/.test(trimmed)) throw notANumber(key, text);
  const value = longOf(trimmed);
  if (value < -bound || value >= bound) throw notANumber(key, text);
  const near = Number(value);
  if (Number.isSafeInteger(near)) return near;
  return key.isExact ? value : Number(clampToSafe(value));
}

const longOf = (trimmed: string): bigint => BigInt(trimmed.replace(/^\+/, ''));

function clampToSafe(value: bigint): bigint {
  const safe = BigInt(Number.MAX_SAFE_INTEGER);
  if (value > safe) return safe;
  return value < -safe ? -safe : value;
}

const decimal = /^[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?)$/;

function parseDouble(name: string, text: string, trimmed: string): number {
  if (!decimal.test(trimmed)) throw invalid(name, text, 'Not a number of type DOUBLE');
  return Number(trimmed.endsWith('NaN') ? Number.NaN : trimmed.replace(/[fFdD]$/, ''));
}

function validate(key: ConfigKey, value: NonNullable<ConfigValue>, given: string): void {
  if (typeof value === 'object') validateList(key, value);
  else if (typeof value === 'number' || typeof value === 'bigint') validateRange(key, value, given);
  else if (typeof value === 'string') {
    if (key.isNonEmpty && value === '') throw invalid(key.name, value, 'String must be non-empty');
    validateChoice(key, value);
  }
  const unmet = key.requirement?.(value);
  if (unmet !== undefined) throw new ConfigError(unmet);
  const fault = key.fault?.(value);
  if (fault !== undefined) throw invalid(key.name, typeof value === 'object' ? `[${value.join(', ')}]` : value, fault);
}

function validateRange(key: ConfigKey, value: number | bigint, given: string): void {
  const text = key.type === 'long' ? String(longOf(javaTrim(given))) : (formatValue(key, value) as string);
  if (key.minimum !== undefined && value < key.minimum) {
    throw invalid(key.name, text, `Value must be at least ${formatWhole(key.minimum)}`);
  }
  if (key.maximum !== undefined && value > key.maximum) {
    throw invalid(key.name, text, `Value must be no more than ${formatWhole(key.maximum)}`);
  }
}

function validateChoice(key: ConfigKey, value: string): void {
  if (key.allowed === undefined || key.allowed.includes(value)) return;
  throw invalid(key.name, value, `String must be one of: ${key.allowed.join(', ')}`);
}

/** ConfigDef.ValidList, which every list of Kafka's has in one form or another. */
function validateList(key: ConfigKey, values: readonly string[]): void {
  if (values.length === 0 && key.isNonEmpty) {
    const choices = key.allowed === undefined ? 'any non-empty value' : `[${key.allowed.join(', ')}]`;
    throw new ConfigError(`Configuration '${key.name}' must not be empty. Valid values include: ${choices}`);
  }
  for (const value of values) {
    if (value === '') throw new ConfigError(`Configuration '${key.name}' values must not be empty.`);
    validateChoice(key, value);
  }
}

function notANumber(key: ConfigKey, text: string): ConfigError {
  return invalid(key.name, text, `Not a number of type ${key.type.toUpperCase()}`);
}

function invalid(name: string, text: unknown, detail: string): ConfigError {
  return new ConfigError(`Invalid value ${String(text)} for configuration ${name}: ${detail}`);
}

/** String.trim of Java: everything up to the space, and nothing beyond it. */
function javaTrim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

function formatWhole(value: number): string {
  if (value === Number.MAX_SAFE_INTEGER) return LONG_MAX_TEXT;
  return value === -Number.MAX_SAFE_INTEGER ? `-${(2n ** 63n).toString()}` : String(value);
}

/** Double.toString of Java: at least one digit behind the point, exponents from 10^7 and below 10^-3. */
function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}
