// A .proto file as FileDescriptorProto, the binary form that clients without a parser ask for (`format=serialized`): names
// in full, maps and groups as the messages that they are, proto3's optional fields in oneofs of their own.
import {
  enumsOf,
  type Label,
  mapParts,
  messagesOf,
  type OptionValue,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoGroup,
  type ProtoMessage,
  type ProtoOption,
  type ProtoRanges,
  type ProtoService,
  optionWord,
  SCALARS,
} from './proto-file.ts';
import { encodeMessage } from './proto-binary.ts';
import { isEnum, join, type ProtoScope } from './proto-scope.ts';

/** The bytes of a google.protobuf.FileDescriptorProto. Throws InvalidSchemaError. */
export function writeDescriptor({ file, scope }: { readonly file: ProtoFile; readonly scope: ProtoScope }): Uint8Array {
  return encodeMessage(new DescriptorWriter(file, scope).file(), 'google.protobuf.FileDescriptorProto', scope);
}

const text = (value: string): OptionValue => ({ kind: 'text', text: value });
const word = (value: string | number | boolean): OptionValue => ({ kind: 'word', word: String(value) });
const list = (items: readonly OptionValue[]): OptionValue => ({ kind: 'list', items });

/** Without the keys that are undefined, and lists that are empty. */
function map(entries: Readonly<Record<string, OptionValue | undefined>>): OptionValue {
  const kept = Object.entries(entries).flatMap(([key, value]): [string, OptionValue][] =>
    value === undefined || (value.kind === 'list' && value.items.length === 0) ? [] : [[key, value]],
  );
  return { kind: 'map', entries: new Map(kept) };
}

class DescriptorWriter {
  private readonly source: ProtoFile;
  private readonly scope: ProtoScope;
  private readonly isProto3: boolean;

  constructor(source: ProtoFile, scope: ProtoScope) {
    this.source = source;
    this.scope = scope;
    this.isProto3 = source.syntax === 'proto3';
  }

  file(): OptionValue {
    const file = this.source;
    const place = file.packageName ?? '';
    const paths = [...file.imports, ...file.publicImports, ...file.weakImports];
    const indexes = (part: readonly string[], from: number) => list(part.map((_, at) => word(from + at)));
    return map({
      name: text('default'),
      package: file.packageName === undefined ? undefined : text(file.packageName),
      dependency: list(paths.map(text)),
      public_dependency: indexes(file.publicImports, file.imports.length),
      weak_dependency: indexes(file.weakImports, file.imports.length + file.publicImports.length),
      message_type: list(messagesOf(file.types).map((type) => this.message(type, join(place, type.name)))),
      enum_type: list(enumsOf(file.types).map((type) => this.enumeration(type, place))),
      service: list(file.services.map((service) => this.service(service, place))),
      extension: list(this.extensions(file.extends, place)),
      options: this.options(file.options, place),
      syntax: file.isEdition ? text('editions') : file.syntax === undefined ? undefined : text(file.syntax),
      edition: file.isEdition ? word(`EDITION_${file.syntax ?? ''}`) : undefined,
    });
  }

  private message(message: ProtoMessage, place: string): OptionValue {
    const optional = this.isProto3 ? message.fields.filter((field) => field.label === 'optional') : [];
    const real = message.oneofs.length;
    const fields = [
      ...message.fields.map((field) =>
        this.field(field, place, optional.includes(field) ? real + optional.indexOf(field) : undefined),
      ),
      ...message.oneofs.flatMap((oneof, at) => oneof.fields.map((field) => this.field(field, place, at))),
      ...message.groups.map((group) => this.groupField(group, place)),
      ...message.oneofs.flatMap((oneof, at) => oneof.groups.map((group) => this.groupField(group, place, at))),
    ];
    const groups = [...message.groups, ...message.oneofs.flatMap((oneof) => oneof.groups)];
    const nested = [
      ...messagesOf(message.types).map((type) => this.message(type, join(place, type.name))),
      ...groups.map((group) => this.message(groupMessage(group), join(place, group.name))),
      ...[...message.fields, ...message.oneofs.flatMap((oneof) => oneof.fields)].flatMap((field) =>
        this.mapEntry(field, place),
      ),
    ];
    const reserved = message.reserved.flatMap((one) => one.values);
    return map({
      name: text(message.name),
      field: list(fields),
      nested_type: list(nested),
      enum_type: list(enumsOf(message.types).map((type) => this.enumeration(type, place))),
      extension_range: list(message.extensions.flatMap((one) => this.extensionRanges(one, place))),
      extension: list(this.extensions(message.extends, place)),
      options: this.options(message.options, place),
      oneof_decl: list([
        ...message.oneofs.map((oneof) => map({ name: text(oneof.name), options: this.options(oneof.options, place) })),
        ...optional.map((field) => map({ name: text(`_${field.name}`) })),
      ]),
      reserved_range: list(reserved.flatMap((value) => range(value, 1))),
      reserved_name: list(reserved.flatMap((value) => (typeof value === 'string' ? [text(value)] : []))),
    });
  }

  private field(field: ProtoField, place: string, oneof?: number): OptionValue {
    const isMap = mapParts(field.type) !== undefined;
    const isProto3Optional = this.isProto3 && field.label === 'optional';
    const special = (name: string) => optionWord(field.options, name);
    const value = special('default');
    return map({
      name: text(field.name),
      number: word(field.number),
      label: word(labelName(isMap ? 'repeated' : field.label)),
      ...(isMap
        ? { type: word('TYPE_MESSAGE'), type_name: text(`.${join(place, entryName(field.name))}`) }
        : this.typeOf(field.type, place)),
      default_value: value === undefined ? undefined : text(field.type === 'bytes' ? escapedBytes(value) : value),
      json_name: special('json_name') === undefined ? undefined : text(special('json_name') ?? ''),
      oneof_index: oneof === undefined ? undefined : word(oneof),
      proto3_optional: isProto3Optional ? word(true) : undefined,
      options: this.options(field.options, place),
    });
  }

  private typeOf(type: string, place: string): Record<string, OptionValue> {
    if (SCALARS.has(type)) return { type: word(`TYPE_${type.toUpperCase()}`) };
    const known = this.scope.find(type, place);
    if (known === undefined) return { type_name: text(type) };
    return { type: word(isEnum(known) ? 'TYPE_ENUM' : 'TYPE_MESSAGE'), type_name: text(`.${known.fullName}`) };
  }

  private groupField(group: ProtoGroup, place: string, oneof?: number): OptionValue {
    return map({
      name: text(group.name.toLowerCase()),
      number: word(group.number),
      label: word(labelName(group.label)),
      type: word('TYPE_GROUP'),
      type_name: text(`.${join(place, group.name)}`),
      oneof_index: oneof === undefined ? undefined : word(oneof),
    });
  }

  private mapEntry(field: ProtoField, place: string): OptionValue[] {
    const parts = mapParts(field.type);
    if (parts === undefined) return [];
    const part = (name: string, type: string, number: number) =>
      map({ name: text(name), number: word(number), label: word('LABEL_OPTIONAL'), ...this.typeOf(type, place) });
    return [
      map({
        name: text(entryName(field.name)),
        field: list([part('key', parts.key, 1), part('value', parts.value, 2)]),
        options: map({ map_entry: word(true) }),
      }),
    ];
  }

  private extensions(extend: ProtoFile['extends'], place: string): OptionValue[] {
    return extend.flatMap(({ name, fields }) =>
      fields.map((field) => {
        const value = this.field(field, place);
        const target = this.scope.find(name, place);
        const extendee = text(target === undefined ? name : `.${target.fullName}`);
        return value.kind === 'map'
          ? { ...value, entries: new Map([...value.entries, ['extendee', extendee]]) }
          : value;
      }),
    );
  }

  private extensionRanges(ranges: ProtoRanges, place: string): OptionValue[] {
    return ranges.values.flatMap((value) =>
      range(value, 1).map((one) => {
        const options = this.options(ranges.options, place);
        return one.kind === 'map' && options !== undefined
          ? { ...one, entries: new Map([...one.entries, ['options', options]]) }
          : one;
      }),
    );
  }

  private enumeration(type: ProtoEnum, place: string): OptionValue {
    const reserved = type.reserved.flatMap((one) => one.values);
    return map({
      name: text(type.name),
      value: list(
        type.constants.map(({ name, number, options }) =>
          map({ name: text(name), number: word(number), options: this.options(options, place) }),
        ),
      ),
      options: this.options(type.options, place),
      reserved_range: list(reserved.flatMap((value) => range(value, 0))),
      reserved_name: list(reserved.flatMap((value) => (typeof value === 'string' ? [text(value)] : []))),
    });
  }

  private service(service: ProtoService, place: string): OptionValue {
    const full = (name: string) => text(`.${this.scope.find(name, place)?.fullName ?? name}`);
    const methods = service.methods.map((method) =>
      map({
        name: text(method.name),
        input_type: full(method.requestType),
        output_type: full(method.responseType),
        options: this.options(method.options, place),
        client_streaming: method.requestStreams ? word(true) : undefined,
        server_streaming: method.responseStreams ? word(true) : undefined,
      }),
    );
    return map({ name: text(service.name), method: list(methods), options: this.options(service.options, place) });
  }

  /** Extensions that nobody declares are left out: nobody could read them. */
  private options(options: readonly ProtoOption[], place: string): OptionValue | undefined {
    const entries = new Map<string, OptionValue>();
    for (const option of options) {
      if (option.name === 'default' || option.name === 'json_name') continue;
      const extension = option.inParentheses ? this.scope.findExtension(option.name, place) : undefined;
      if (option.inParentheses && extension === undefined) continue;
      const own = option.inParentheses ? [`[${extension?.fullName ?? ''}]`] : option.name.split('.');
      put(entries, [...own, ...option.path.map((part) => part.replace(/^\((.*)\)$/, '[$1]'))], option.value);
    }
    return entries.size === 0 ? undefined : { kind: 'map', entries };
  }
}

/** Two of one name are two values of a repeated option, or two parts of one message. */
function put(entries: Map<string, OptionValue>, path: readonly string[], value: OptionValue): void {
  const [key = '', ...rest] = path;
  const before = entries.get(key);
  if (rest.length > 0) {
    const inner = new Map(before?.kind === 'map' ? before.entries : []);
    put(inner, rest, value);
    entries.set(key, { kind: 'map', entries: inner });
  } else if (before === undefined) entries.set(key, value);
  else entries.set(key, list([...(before.kind === 'list' ? before.items : [before]), value]));
}

const labelName = (label: Label | undefined): string => `LABEL_${(label ?? 'optional').toUpperCase()}`;

/** As protoc names it: `my_field` has entries of type `MyFieldEntry`. */
function entryName(field: string): string {
  return `${field.replace(/(^|_)([a-z\d])/g, (_, __, letter: string) => letter.toUpperCase()).replaceAll('_', '')}Entry`;
}

function groupMessage(group: ProtoGroup): ProtoMessage {
  const nothing = { options: [], reserved: [], oneofs: [], groups: [], extensions: [], extends: [], types: [] };
  return { kind: 'message', name: group.name, fields: group.fields, ...nothing };
}

/** `beyond` is 1 where the end is not part of the range. */
function range(value: ProtoRanges['values'][number], beyond: number): OptionValue[] {
  if (typeof value === 'string') return [];
  const { from, to } = typeof value === 'number' ? { from: value, to: value } : value;
  return [map({ start: word(from), end: word(to + beyond) })];
}

/** As protoc writes the default of bytes: what is not printable in octal. */
function escapedBytes(value: string): string {
  return value.replace(/[^ -~]|[\\"']/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
