// What protoc would refuse: names and numbers that are twice there, out of range or reserved, types that nobody knows. Only a
// schema that comes in now is asked.
import { InvalidSchemaError } from '../schema-format.ts';
import {
  MAX_FIELD_NUMBER,
  mapParts,
  optionWord,
  type ProtoEnum,
  type ProtoFile,
  type ProtoMessage,
  type ProtoRanges,
  type ProtoType,
} from './proto-file.ts';
import { normalizedProto } from './proto-normal.ts';
import type { ProtoScope } from './proto-scope.ts';

const KEY_TYPES = /^(u?int(32|64)|sint(32|64)|s?fixed(32|64)|bool|string)$/;
/** Numbers that protobuf keeps for itself. */
const KEPT = { from: 19_000, to: 19_999 };

/** Throws InvalidSchemaError. */
export function checkRules(schema: { readonly file: ProtoFile; readonly scope: ProtoScope }): void {
  normalizedProto(schema);
  checkTypes(schema.file.types, schema.file);
}

function checkTypes(types: readonly ProtoType[], file: ProtoFile): void {
  unique(
    types.map((type) => type.name),
    'type',
  );
  for (const type of types) {
    if (type.kind === 'enum') checkEnum(type, file);
    else checkMessage(type, file);
  }
}

function checkMessage(message: ProtoMessage, file: ProtoFile): void {
  const members = [
    ...message.fields,
    ...message.groups,
    ...message.oneofs.flatMap((one) => [...one.fields, ...one.groups]),
  ];
  const where = `message ${message.name}`;
  unique(
    members.map((member) => member.name),
    `field of ${where}`,
  );
  unique(
    members.map((member) => member.number),
    `number in ${where}`,
  );
  const isReserved = reservedOf(message.reserved);
  for (const { name, number } of members) {
    if (number < 1 || number > MAX_FIELD_NUMBER || (number >= KEPT.from && number <= KEPT.to))
      throw new InvalidSchemaError(`${where}: the number ${number} of field ${name} cannot be used`);
    if (isReserved(number) || isReserved(name))
      throw new InvalidSchemaError(`${where}: field ${name} = ${number} is reserved`);
  }
  for (const { type, name, label } of message.fields) {
    const key = mapParts(type)?.key;
    if (key !== undefined && !KEY_TYPES.test(key))
      throw new InvalidSchemaError(`${where}: ${key} cannot be the key of map ${name}`);
    if (label === 'required' && file.syntax === 'proto3')
      throw new InvalidSchemaError(`${where}: proto3 has no required field (${name})`);
  }
  for (const oneof of message.oneofs)
    if (oneof.fields.length + oneof.groups.length === 0)
      throw new InvalidSchemaError(`${where}: oneof ${oneof.name} has no field`);
  checkTypes(message.types, file);
}

function checkEnum(type: ProtoEnum, file: ProtoFile): void {
  const where = `enum ${type.name}`;
  const [first] = type.constants;
  if (first === undefined) throw new InvalidSchemaError(`${where} has no value`);
  if (file.syntax === 'proto3' && first.number !== 0)
    throw new InvalidSchemaError(`${where}: in proto3 the first value must be 0`);
  unique(
    type.constants.map((constant) => constant.name),
    `value of ${where}`,
  );
  if (optionWord(type.options, 'allow_alias') !== 'true')
    unique(
      type.constants.map((constant) => constant.number),
      `number in ${where}`,
    );
}

function unique(items: readonly (string | number)[], what: string): void {
  const seen = new Set<string | number>();
  for (const item of items) {
    if (seen.has(item)) throw new InvalidSchemaError(`${item} is twice there: ${what}`);
    seen.add(item);
  }
}

/** Whether a name or a number is among the reserved; as fast for ten thousand of them as for one. */
function reservedOf(list: readonly ProtoRanges[]): (item: string | number) => boolean {
  const values = list.flatMap((one) => one.values);
  const names = new Set(values.filter((value) => typeof value === 'string'));
  const ranges = values
    .filter((value) => typeof value !== 'string')
    .map((value) => (typeof value === 'number' ? { from: value, to: value } : value))
    .sort((a, b) => a.from - b.from);
  // The farthest end of all that begin no later: ranges may overlap.
  let farthest = Number.NEGATIVE_INFINITY;
  const ends = ranges.map(({ to }) => (farthest = Math.max(farthest, to)));
  return (item) => {
    if (typeof item === 'string') return names.has(item);
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.from ?? 0) <= item) low = middle + 1;
      else high = middle;
    }
    return (ends[low - 1] ?? Number.NEGATIVE_INFINITY) >= item;
  };
}
