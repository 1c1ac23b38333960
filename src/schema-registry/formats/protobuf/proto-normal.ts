// The form of a .proto file that `normalize=true` registers: imports, fields, oneofs, constants, options and ranges in order,
// every type by its full name, options of one message merged, maps as maps. Messages and enums stay in their order: records
// carry its indexes.
import { InvalidSchemaError } from '../schema-format.ts';
import { normalOptions } from './option-normal.ts';
import {
  isMapEntry,
  mapParts,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoGroup,
  type ProtoMessage,
  type ProtoMethod,
  type ProtoOption,
  type ProtoRanges,
  type ProtoType,
  SCALARS,
} from './proto-file.ts';
import { join, type ProtoScope } from './proto-scope.ts';

/** Throws InvalidSchemaError when a type is not known. */
export function normalizedProto({ file, scope }: { readonly file: ProtoFile; readonly scope: ProtoScope }): ProtoFile {
  return new Normalizer(scope).file(file);
}

class Normalizer {
  private readonly scope: ProtoScope;

  constructor(scope: ProtoScope) {
    this.scope = scope;
  }

  file(file: ProtoFile): ProtoFile {
    const place = file.packageName ?? '';
    return {
      ...file,
      syntax: file.syntax === 'proto2' ? undefined : file.syntax,
      imports: sortedTexts(file.imports),
      publicImports: sortedTexts(file.publicImports),
      weakImports: sortedTexts(file.weakImports),
      options: this.options(file.options, place),
      types: this.types(file.types, place),
      extends: this.extends(file.extends, place),
      services: file.services.map((service) => ({
        ...service,
        options: this.options(service.options, place),
        methods: service.methods.map((method) => this.method(method, place)),
      })),
    };
  }

  private types(types: readonly ProtoType[], place: string): ProtoType[] {
    return types
      .filter((type) => !isMapEntry(type))
      .map((type) =>
        type.kind === 'message' ? this.message(type, join(place, type.name)) : this.enumeration(type, place),
      );
  }

  private message(message: ProtoMessage, place: string): ProtoMessage {
    const oneofs = message.oneofs
      .filter((oneof) => oneof.fields.length > 0)
      .map((oneof) => ({
        ...oneof,
        options: this.options(oneof.options, place),
        fields: this.fields(oneof.fields, place),
        groups: this.groups(oneof.groups, place),
      }))
      .sort((a, b) => (a.fields[0]?.number ?? 0) - (b.fields[0]?.number ?? 0));
    return {
      ...message,
      options: this.options(message.options, place),
      reserved: sortedRanges(message.reserved),
      fields: this.fields(message.fields, place),
      oneofs,
      groups: this.groups(message.groups, place),
      extensions: sortedRanges(message.extensions).map((one) => ({
        ...one,
        options: this.options(one.options, place),
      })),
      extends: this.extends(message.extends, place),
      types: this.types(message.types, place),
    };
  }

  private fields(fields: readonly ProtoField[], place: string): ProtoField[] {
    return [...fields].sort(byNumber).map((field) => this.field(field, place));
  }

  private field(field: ProtoField, place: string): ProtoField {
    const options = this.options(field.options, place);
    if (SCALARS.has(field.type)) return { ...field, options };
    const type = mapParts(field.type) === undefined ? this.typeName(field.type, place) : field.type;
    const written = mapParts(type) === undefined ? this.scope.get(type.slice(1))?.mapType : type;
    const map = written === undefined ? undefined : mapParts(written);
    if (map === undefined) return { ...field, type, options };
    const value = SCALARS.has(map.value) ? map.value : this.typeName(map.value, place);
    return { ...field, label: undefined, type: `map<${map.key}, ${value}>`, options };
  }

  private typeName(name: string, place: string): string {
    const known = this.scope.find(name, place);
    if (known === undefined) throw new InvalidSchemaError(`Could not resolve type: ${name}`);
    return `.${known.fullName}`;
  }

  private groups(groups: readonly ProtoGroup[], place: string): ProtoGroup[] {
    return [...groups].sort(byNumber).map((group) => ({ ...group, fields: this.fields(group.fields, place) }));
  }

  private extends(list: readonly ProtoExtend[], place: string): ProtoExtend[] {
    const grouped = new Map<string, ProtoField[]>();
    for (const { name, fields } of list) {
      const target = this.typeName(name, place);
      grouped.set(target, [...(grouped.get(target) ?? []), ...fields]);
    }
    return [...grouped].map(([name, fields]) => ({ name, fields: this.fields(fields, place) }));
  }

  private enumeration(type: ProtoEnum, place: string): ProtoEnum {
    const constants = [...type.constants]
      .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1))
      .map((constant) => ({ ...constant, options: this.options(constant.options, place) }));
    return { ...type, constants, options: this.options(type.options, place), reserved: sortedRanges(type.reserved) };
  }

  private method(method: ProtoMethod, place: string): ProtoMethod {
    return {
      ...method,
      requestType: this.typeName(method.requestType, place),
      responseType: this.typeName(method.responseType, place),
      options: this.options(method.options, place),
    };
  }

  private options(options: readonly ProtoOption[], place: string): ProtoOption[] {
    return normalOptions(options, this.scope, place);
  }
}

const byNumber = (a: { number: number }, b: { number: number }): number => a.number - b.number;
const sortedTexts = (texts: readonly string[]): string[] => [...new Set(texts)].sort((a, b) => (a < b ? -1 : 1));

/** Each range a statement of its own, by its start; names after numbers. */
function sortedRanges(list: readonly ProtoRanges[]): ProtoRanges[] {
  const start = (value: ProtoRanges['values'][number] | undefined): number =>
    typeof value === 'number' ? value : typeof value === 'object' ? value.from : 2 ** 31;
  return list
    .flatMap(({ values, options }) => values.map((value): ProtoRanges => ({ values: [single(value)], options })))
    .sort((a, b) => start(a.values[0]) - start(b.values[0]) || (nameOf(a) < nameOf(b) ? -1 : 1));
}

function single(value: ProtoRanges['values'][number]): ProtoRanges['values'][number] {
  return typeof value === 'object' && value.from === value.to ? value.from : value;
}

const nameOf = ({ values: [first] }: ProtoRanges): string => (typeof first === 'string' ? first : '');
