// A FileDescriptorProto as the .proto file that it stands for: what Python's and JavaScript's clients register.
import { InvalidSchemaError } from '../schema-format.ts';
import { decodeMessage } from './proto-binary.ts';
import type {
  Label,
  OptionValue,
  ProtoEnum,
  ProtoExtend,
  ProtoField,
  ProtoFile,
  ProtoMessage,
  ProtoOption,
  ProtoRanges,
  ProtoService,
  ProtoType,
} from './proto-file.ts';
import type { ProtoScope } from './proto-scope.ts';
import { WireReader } from './wire.ts';

/** `scope` knows descriptor.proto, and the extensions of options that may occur. Throws InvalidSchemaError. */
export function readDescriptor(bytes: Uint8Array, scope: ProtoScope): ProtoFile {
  const file = new Part(decodeMessage(new WireReader(bytes), 'google.protobuf.FileDescriptorProto', scope));
  const syntax = file.text('syntax') ?? 'proto2';
  if (!['proto2', 'proto3', 'editions'].includes(syntax))
    throw new InvalidSchemaError(`not a Protobuf descriptor: syntax ${syntax}`);
  const isEdition = syntax === 'editions';
  const paths = file.texts('dependency');
  const open = new Set(file.texts('public_dependency').map(Number));
  const weak = new Set(file.texts('weak_dependency').map(Number));
  const packageName = file.text('package');
  return {
    syntax: isEdition ? file.text('edition')?.replace('EDITION_', '') : file.text('syntax'),
    isEdition,
    packageName: packageName === '' ? undefined : packageName,
    imports: paths.filter((_, at) => !open.has(at) && !weak.has(at)),
    publicImports: paths.filter((_, at) => open.has(at)),
    weakImports: paths.filter((_, at) => weak.has(at)),
    options: options(file),
    types: types(file, 'message_type', syntax),
    extends: extensions(file, syntax),
    services: file.parts('service').map(service),
  };
}

/** A message of the descriptor: its fields by name. */
class Part {
  private readonly entries: ReadonlyMap<string, OptionValue>;

  constructor(value: OptionValue | undefined) {
    this.entries = value?.kind === 'map' ? value.entries : new Map();
  }

  text(key: string): string | undefined {
    const value = this.entries.get(key);
    return value === undefined ? undefined : textOf(value);
  }

  name(): string {
    const name = this.text('name') ?? '';
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new InvalidSchemaError('not a Protobuf descriptor: a name is missing or none');
    return name;
  }

  number(key: string): number {
    return Number(this.text(key) ?? 0);
  }

  texts(key: string): string[] {
    return this.items(key).map(textOf);
  }

  parts(key: string): Part[] {
    return this.items(key).map((item) => new Part(item));
  }

  part(key: string): Part {
    return new Part(this.entries.get(key));
  }

  all(): Iterable<[string, OptionValue]> {
    return this.entries;
  }

  private items(key: string): readonly OptionValue[] {
    const value = this.entries.get(key);
    return value === undefined ? [] : value.kind === 'list' ? value.items : [value];
  }
}

const textOf = (value: OptionValue): string =>
  value.kind === 'text' ? value.text : value.kind === 'word' ? value.word : '';

function types(outer: Part, key: string, syntax: string): ProtoType[] {
  return [...outer.parts(key).map((one) => message(one, syntax)), ...outer.parts('enum_type').map(enumeration)];
}

function message(part: Part, syntax: string): ProtoMessage {
  const fields = part.parts('field').map((one) => ({ one, oneof: oneofOf(one), field: field(one, syntax) }));
  const oneofs = part.parts('oneof_decl').map((one, at) => ({
    name: one.name(),
    options: options(one),
    groups: [],
    fields: fields.filter(({ oneof }) => oneof === at).map((one) => ({ ...one.field, label: undefined })),
  }));
  return {
    kind: 'message',
    name: part.name(),
    options: options(part),
    reserved: reserved(part, 1),
    fields: fields.filter(({ oneof }) => oneof === undefined).map((one) => one.field),
    oneofs: oneofs.filter((oneof) => oneof.fields.length > 0),
    groups: [],
    extensions: part.parts('extension_range').map((one) => ({ values: [range(one, 1)], options: options(one) })),
    extends: extensions(part, syntax),
    types: types(part, 'nested_type', syntax),
  };
}

/** The oneof of a field, unless it only says that the field is optional. */
function oneofOf(part: Part): number | undefined {
  return part.text('oneof_index') === undefined || part.text('proto3_optional') === 'true'
    ? undefined
    : part.number('oneof_index');
}

function field(part: Part, syntax: string): ProtoField {
  const own = options(part);
  const value = part.text('default_value');
  const jsonName = part.text('json_name');
  const type = part.text('type_name') ?? (part.text('type') ?? '').replace('TYPE_', '').toLowerCase();
  const isText = type === 'string' || type === 'bytes';
  const plain =
    type === 'bytes'
      ? value?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
      : value;
  if (plain !== undefined && syntax !== 'proto3')
    own.push({
      name: 'default',
      inParentheses: false,
      path: [],
      value: isText ? { kind: 'text', text: plain } : { kind: 'word', word: plain },
    });
  if (jsonName !== undefined)
    own.push({ name: 'json_name', inParentheses: false, path: [], value: { kind: 'text', text: jsonName } });
  return { label: label(part, syntax), type, name: part.name(), number: part.number('number'), options: own };
}

function label(part: Part, syntax: string): Label | undefined {
  if (part.text('proto3_optional') === 'true') return 'optional';
  const word = (part.text('label') ?? '').replace('LABEL_', '').toLowerCase();
  return word === 'repeated' ? 'repeated' : syntax === 'proto2' && word !== '' ? (word as Label) : undefined;
}

function extensions(part: Part, syntax: string): ProtoExtend[] {
  const byName = new Map<string, ProtoField[]>();
  for (const one of part.parts('extension')) {
    const name = one.text('extendee') ?? '';
    byName.set(name, [...(byName.get(name) ?? []), field(one, syntax)]);
  }
  return [...byName].map(([name, fields]) => ({ name, fields }));
}

function enumeration(part: Part): ProtoEnum {
  const constants = part
    .parts('value')
    .map((one) => ({ name: one.name(), number: one.number('number'), options: options(one) }));
  return { kind: 'enum', name: part.name(), options: options(part), reserved: reserved(part, 0), constants };
}

/** `beyond` is 1 where the end is not part of a range. */
function reserved(part: Part, beyond: number): ProtoRanges[] {
  return [
    ...part.parts('reserved_range').map((one): ProtoRanges => ({ values: [range(one, beyond)], options: [] })),
    ...part.texts('reserved_name').map((name): ProtoRanges => ({ values: [name], options: [] })),
  ];
}

function range(part: Part, beyond: number): ProtoRanges['values'][number] {
  const from = part.number('start');
  const to = part.number('end') - beyond;
  return from === to ? from : { from, to };
}

function service(part: Part): ProtoService {
  const methods = part.parts('method').map((one) => ({
    name: one.name(),
    requestType: one.text('input_type') ?? '',
    requestStreams: one.text('client_streaming') === 'true',
    responseType: one.text('output_type') ?? '',
    responseStreams: one.text('server_streaming') === 'true',
    options: options(one),
  }));
  return { name: part.name(), options: options(part), methods };
}

/** Those of the descriptor first, then extensions; one of several values stands there several times. */
function options(part: Part): ProtoOption[] {
  const found: ProtoOption[] = [];
  for (const [key, value] of part.part('options').all()) {
    const inParentheses = key.startsWith('[');
    const name = inParentheses ? key.slice(1, -1) : key;
    for (const item of value.kind === 'list' ? value.items : [value])
      found.push({ name, inParentheses, path: [], value: item });
  }
  return [...found.filter((option) => !option.inParentheses), ...found.filter((option) => option.inParentheses)];
}
