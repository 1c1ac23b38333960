// Messages in protobuf's binary form, written and read by their types as a .proto file tells them. Values are those of
// options (texts, words, lists, maps), so that a descriptor and the options in it are one thing; extensions are keys in
// brackets.
import { InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';
import { mapParts, type OptionValue, type ProtoField, SCALARS } from './proto-file.ts';
import { isEnum, type KnownType, type ProtoScope } from './proto-scope.ts';
import { type WireReader, WireWriter, wireTypeOf } from './wire.ts';

type MapValue = Extract<OptionValue, { kind: 'map' }>;

/** A field with the place in which its type is named. */
interface PlacedField {
  readonly field: ProtoField;
  readonly place: string;
}

/** Keys that the type does not have are left out. Throws InvalidSchemaError when a value cannot be of its field's type. */
export function encodeMessage(value: OptionValue, typeName: string, scope: ProtoScope): Uint8Array {
  const writer = new WireWriter();
  if (value.kind === 'map') encodeFields(value, messageType(typeName, scope), scope, writer);
  return writer.finish();
}

function messageType(name: string, scope: ProtoScope): KnownType {
  const known = scope.get(name);
  if (known === undefined) throw new InvalidSchemaError(`Could not resolve type: ${name}`);
  return known;
}

function encodeFields(value: MapValue, type: KnownType, scope: ProtoScope, writer: WireWriter): void {
  const placed = [...value.entries]
    .flatMap(([key, item]) => {
      const found = fieldFor(key, type, scope);
      return found === undefined ? [] : [{ ...found, item }];
    })
    .sort((a, b) => a.field.number - b.field.number);
  for (const { field, place, item } of placed)
    for (const one of item.kind === 'list' ? item.items : [item]) encodeField(one, field, place, scope, writer);
}

function fieldFor(key: string, type: KnownType, scope: ProtoScope): PlacedField | undefined {
  if (key.startsWith('[')) {
    const extension = scope.findExtension(key.slice(1, -1), type.fullName);
    return extension === undefined ? undefined : { field: extension.field, place: extension.scope };
  }
  const field = fieldsOf(type).find((one) => one.name === key);
  return field === undefined ? undefined : { field, place: type.fullName };
}

function fieldsOf(type: KnownType): readonly ProtoField[] {
  if (type.type.kind !== 'message') return [];
  return [...type.type.fields, ...type.type.oneofs.flatMap((oneof) => oneof.fields)];
}

function encodeField(
  value: OptionValue,
  field: ProtoField,
  place: string,
  scope: ProtoScope,
  writer: WireWriter,
): void {
  if (SCALARS.has(field.type)) return writer.scalar(field.number, field.type, scalarText(value, field));
  const map = mapParts(field.type);
  if (map !== undefined) return writer.nested(field.number, encodeEntry(value, map, place, scope));
  const known = scope.find(field.type, place);
  if (known === undefined) throw new InvalidSchemaError(`Could not resolve type: ${field.type}`);
  if (!isEnum(known)) return writer.nested(field.number, encodeMessage(value, known.fullName, scope));
  const word = scalarText(value, field);
  const constant = known.type.constants.find((one) => one.name === word);
  writer.scalar(field.number, 'int32', constant === undefined ? word : String(constant.number));
}

/** An entry of a map, `{key: …, value: …}`. */
function encodeEntry(
  value: OptionValue,
  map: { key: string; value: string },
  place: string,
  scope: ProtoScope,
): Uint8Array {
  const writer = new WireWriter();
  if (value.kind !== 'map') return writer.finish();
  for (const [name, type, number] of [
    ['key', map.key, 1],
    ['value', map.value, 2],
  ] as const) {
    const part = value.entries.get(name);
    if (part !== undefined)
      encodeField(part, { label: undefined, type, name, number, options: [] }, place, scope, writer);
  }
  return writer.finish();
}

function scalarText(value: OptionValue, field: ProtoField): string {
  if (value.kind === 'text') return value.text;
  if (value.kind === 'word') return value.word;
  throw new InvalidSchemaError(`option field ${field.name} wants a ${field.type}`);
}

/** Fields that the type does not have are passed over. Throws InvalidSchemaError. */
export function decodeMessage(reader: WireReader, typeName: string, scope: ProtoScope, depth = 0): MapValue {
  if (depth > SCHEMA_LIMITS.depth) throw new InvalidSchemaError('more messages inside one another than are taken');
  const type = messageType(typeName, scope);
  const byNumber = new Map<number, PlacedField>(
    fieldsOf(type).map((field) => [field.number, { field, place: type.fullName }]),
  );
  const entries = new Map<string, OptionValue>();
  while (!reader.isDone) {
    const { number, wireType } = reader.tag();
    const own = byNumber.get(number);
    const extension = own === undefined ? scope.extensionsOf(typeName).get(number) : undefined;
    const field = own ?? (extension && { field: extension.field, place: extension.scope });
    if (field === undefined) reader.skip(wireType);
    else
      addTo(
        entries,
        extension === undefined ? field.field.name : `[${extension.fullName}]`,
        decodeField(reader, wireType, field, scope, depth),
        field.field,
      );
  }
  return { kind: 'map', entries };
}

function addTo(
  entries: Map<string, OptionValue>,
  key: string,
  values: readonly OptionValue[],
  field: ProtoField,
): void {
  const before = entries.get(key);
  if (field.label !== 'repeated' && mapParts(field.type) === undefined) {
    const last = values.at(-1);
    if (last !== undefined) entries.set(key, last);
    return;
  }
  const items = before?.kind === 'list' ? (before.items as OptionValue[]) : [];
  items.push(...values);
  entries.set(key, { kind: 'list', items });
}

function decodeField(
  reader: WireReader,
  wireType: number,
  { field, place }: PlacedField,
  scope: ProtoScope,
  depth: number,
): OptionValue[] {
  const map = mapParts(field.type);
  if (map !== undefined) return [decodeEntry(reader.nested(wireType), map, place, scope, depth)];
  if (SCALARS.has(field.type)) return scalars(reader, wireType, field.type);
  const known = scope.find(field.type, place);
  if (known === undefined) throw new InvalidSchemaError(`Could not resolve type: ${field.type}`);
  if (!isEnum(known)) return [decodeMessage(reader.nested(wireType), known.fullName, scope, depth + 1)];
  return scalars(reader, wireType, 'int32').map((value) => {
    const number = value.kind === 'word' ? Number(value.word) : 0;
    const constant = known.type.constants.find((one) => one.number === number);
    return constant === undefined ? value : { kind: 'word', word: constant.name };
  });
}

function decodeEntry(
  reader: WireReader,
  map: { key: string; value: string },
  place: string,
  scope: ProtoScope,
  depth: number,
): OptionValue {
  const entries = new Map<string, OptionValue>();
  const field = (name: string, type: string, number: number): PlacedField => ({
    field: { label: undefined, type, name, number, options: [] },
    place,
  });
  const parts = [field('key', map.key, 1), field('value', map.value, 2)];
  while (!reader.isDone) {
    const { number, wireType } = reader.tag();
    const part = parts[number - 1];
    if (part === undefined) reader.skip(wireType);
    else addTo(entries, part.field.name, decodeField(reader, wireType, part, scope, depth + 1), part.field);
  }
  return { kind: 'map', entries };
}

/** One, or a packed run of them. */
function scalars(reader: WireReader, wireType: number, type: string): OptionValue[] {
  const own = wireTypeOf(type);
  if (wireType === own) return [scalar(reader, type)];
  const values: OptionValue[] = [];
  for (const run = reader.nested(wireType); !run.isDone; ) values.push(scalar(run, type));
  return values;
}

function scalar(reader: WireReader, type: string): OptionValue {
  const text = reader.scalar(type);
  return type === 'string' || type === 'bytes' ? { kind: 'text', text } : { kind: 'word', word: text };
}
