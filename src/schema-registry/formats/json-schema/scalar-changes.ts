// Changes of strings, numbers and lists of values.
import { type Json, JsonNumber, sameJson } from '../json-text/index.ts';
import type { Changes } from './comparison.ts';
import type { ConstNode, EnumNode, NumberNode, StringNode } from './schema-node.ts';

/** `NAME_ADDED`, `_REMOVED`, `_INCREASED`, `_DECREASED`. */
export function compareLimit(
  changes: Changes,
  keyword: string,
  name: string,
  original: number | undefined,
  update: number | undefined,
): void {
  if (original === update) return;
  if (original === undefined) changes.add(`${name}_ADDED`, keyword);
  else if (update === undefined) changes.add(`${name}_REMOVED`, keyword);
  else if (original < update) changes.add(`${name}_INCREASED`, keyword);
  else if (original > update) changes.add(`${name}_DECREASED`, keyword);
}

export function compareStrings(changes: Changes, original: StringNode, update: StringNode): void {
  compareLimit(changes, 'maxLength', 'MAX_LENGTH', original.maxLength, update.maxLength);
  compareLimit(changes, 'minLength', 'MIN_LENGTH', original.minLength, update.minLength);
  if (original.pattern === update.pattern) return;
  if (original.pattern === undefined) changes.add('PATTERN_ADDED', 'pattern');
  else changes.add(update.pattern === undefined ? 'PATTERN_REMOVED' : 'PATTERN_CHANGED', 'pattern');
}

export function compareNumbers(changes: Changes, original: NumberNode, update: NumberNode): void {
  compareLimit(changes, 'maximum', 'MAXIMUM', original.maximum?.value, update.maximum?.value);
  compareLimit(changes, 'minimum', 'MINIMUM', original.minimum?.value, update.minimum?.value);
  compareLimit(
    changes,
    'exclusiveMaximum',
    'EXCLUSIVE_MAXIMUM',
    original.exclusiveMaximum?.value,
    update.exclusiveMaximum?.value,
  );
  compareLimit(
    changes,
    'exclusiveMinimum',
    'EXCLUSIVE_MINIMUM',
    original.exclusiveMinimum?.value,
    update.exclusiveMinimum?.value,
  );
  compareMultiples(changes, original.multipleOf, update.multipleOf);
  if (original.isInteger !== update.isInteger) changes.add(original.isInteger ? 'TYPE_EXTENDED' : 'TYPE_NARROWED');
}

function compareMultiples(changes: Changes, original: JsonNumber | undefined, update: JsonNumber | undefined): void {
  if (original === undefined && update === undefined) return;
  if (original === undefined) return changes.add('MULTIPLE_OF_ADDED', 'multipleOf');
  if (update === undefined) return changes.add('MULTIPLE_OF_REMOVED', 'multipleOf');
  const [before, after] = sameScale(original, update);
  if (before === after) return;
  if (before !== 0n && after % before === 0n) changes.add('MULTIPLE_OF_EXPANDED', 'multipleOf');
  else if (after !== 0n && before % after === 0n) changes.add('MULTIPLE_OF_REDUCED', 'multipleOf');
  else changes.add('MULTIPLE_OF_CHANGED', 'multipleOf');
}

/** Both as whole numbers of the smaller unit: 0.5 and 10 are 5 and 100 tenths. */
function sameScale(a: JsonNumber, b: JsonNumber): [bigint, bigint] {
  const [first, second] = [decimal(a), decimal(b)];
  const exponent = Math.min(first.exponent, second.exponent);
  const scaled = ({ digits, exponent: own }: Decimal) => digits * 10n ** BigInt(own - exponent);
  return [scaled(first), scaled(second)];
}

interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** An exponent beyond 400, which no double has, is read as 400. */
function decimal(number: JsonNumber): Decimal {
  const [mantissa = '0', exponent = '0'] = number.text.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return {
    digits: BigInt(whole + fraction),
    exponent: Math.max(-400, Math.min(400, Number(exponent))) - fraction.length,
  };
}

export function compareValues(changes: Changes, original: ConstNode | EnumNode, update: ConstNode | EnumNode): void {
  if (original.kind === 'const' || update.kind === 'const') {
    if (original.kind === 'const' && update.kind === 'const' && !sameJson(original.value, update.value))
      changes.add('ENUM_ARRAY_CHANGED', 'const');
    return;
  }
  const [before, after] = [keys(original.values), keys(update.values)];
  const keepsAll = [...before].every((key) => after.has(key));
  const addsNone = [...after].every((key) => before.has(key));
  if (keepsAll && addsNone) return;
  changes.add(keepsAll ? 'ENUM_ARRAY_EXTENDED' : addsNone ? 'ENUM_ARRAY_NARROWED' : 'ENUM_ARRAY_CHANGED', 'enum');
}

const keys = (values: readonly Json[]): Set<string> => new Set(values.map(jsonKey));

/** Equal JSON has the same key, whatever the order of its properties. */
export function jsonKey(value: Json): string {
  if (value instanceof JsonNumber) return String(value.isInteger ? BigInt(value.text) : value.value);
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, item]) => `${JSON.stringify(key)}:${jsonKey(item)}`)
      .sort()
      .join(',')}}`;
  return Array.isArray(value) ? `[${value.map(jsonKey).join(',')}]` : JSON.stringify(value);
}
