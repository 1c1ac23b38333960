// A .proto file as it was written, without its comments: what is printed again, compared, and turned into a descriptor.

export interface ProtoFile {
  /** `proto2`, `proto3`, an edition's year, or undefined when the file does not say. */
  readonly syntax: string | undefined;
  readonly isEdition: boolean;
  readonly packageName: string | undefined;
  readonly imports: readonly string[];
  readonly publicImports: readonly string[];
  readonly weakImports: readonly string[];
  readonly options: readonly ProtoOption[];
  readonly types: readonly ProtoType[];
  readonly extends: readonly ProtoExtend[];
  readonly services: readonly ProtoService[];
}

export type ProtoType = ProtoMessage | ProtoEnum;

export interface ProtoMessage {
  readonly kind: 'message';
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly reserved: readonly ProtoRanges[];
  readonly fields: readonly ProtoField[];
  readonly oneofs: readonly ProtoOneof[];
  readonly groups: readonly ProtoGroup[];
  readonly extensions: readonly ProtoRanges[];
  readonly extends: readonly ProtoExtend[];
  readonly types: readonly ProtoType[];
}

export type Label = 'optional' | 'required' | 'repeated';

export interface ProtoField {
  readonly label: Label | undefined;
  /** As written: `int32`, `a.B`, `.a.B`, `map<string, a.B>`. */
  readonly type: string;
  readonly name: string;
  readonly number: number;
  /** `default` and `json_name` among them, where they were written. */
  readonly options: readonly ProtoOption[];
}

export interface ProtoOneof {
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly fields: readonly ProtoField[];
  readonly groups: readonly ProtoGroup[];
}

export interface ProtoGroup {
  readonly label: Label | undefined;
  readonly name: string;
  readonly number: number;
  readonly fields: readonly ProtoField[];
}

export interface ProtoEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly reserved: readonly ProtoRanges[];
  readonly constants: readonly ProtoConstant[];
}
export interface ProtoConstant {
  readonly name: string;
  readonly number: number;
  readonly options: readonly ProtoOption[];
}

export interface ProtoExtend {
  readonly name: string;
  readonly fields: readonly ProtoField[];
}

export interface ProtoService {
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly methods: readonly ProtoMethod[];
}
export interface ProtoMethod {
  readonly name: string;
  readonly requestType: string;
  readonly requestStreams: boolean;
  readonly responseType: string;
  readonly responseStreams: boolean;
  readonly options: readonly ProtoOption[];
}

/** One `reserved` or `extensions` statement: names, numbers, ranges with both ends in them. */
export interface ProtoRanges {
  readonly values: readonly (string | number | { readonly from: number; readonly to: number })[];
  readonly options: readonly ProtoOption[];
}

/** `(a.b).c.d = value` has the name `a.b`, in parentheses, and the path `c`, `d`. */
export interface ProtoOption {
  readonly name: string;
  readonly inParentheses: boolean;
  readonly path: readonly string[];
  readonly value: OptionValue;
}

export type OptionValue =
  | { readonly kind: 'text'; readonly text: string }
  /** A number, a boolean, a constant: as written. */
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'list'; readonly items: readonly OptionValue[] }
  /** In the order of writing; a key in brackets is an extension's. */
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, OptionValue> };

export const MAX_FIELD_NUMBER = 2 ** 29 - 1;

export const SCALARS: ReadonlySet<string> = new Set([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
]);

/** Key and value type of a map as it is written. */
export function mapParts(type: string): { key: string; value: string } | undefined {
  const match = /^map<(\w+), (.+)>$/.exec(type);
  return match === null ? undefined : { key: match[1] ?? '', value: match[2] ?? '' };
}

export function optionWord(options: readonly ProtoOption[], name: string): string | undefined {
  const found = options.find((option) => !option.inParentheses && option.name === name && option.path.length === 0);
  return found?.value.kind === 'word' ? found.value.word : found?.value.kind === 'text' ? found.value.text : undefined;
}

export const messagesOf = (types: readonly ProtoType[]): ProtoMessage[] =>
  types.filter((type) => type.kind === 'message');
export const enumsOf = (types: readonly ProtoType[]): ProtoEnum[] => types.filter((type) => type.kind === 'enum');

export const isMapEntry = (type: ProtoType): boolean =>
  type.kind === 'message' && optionWord(type.options, 'map_entry') === 'true';
