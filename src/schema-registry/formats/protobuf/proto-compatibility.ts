// What changed between two .proto files, and whether the new one still reads what the old one wrote. Fields are the same by
// their numbers, messages and enums by their names; numbers may change within the groups that share an encoding.
import {
  type CompatibilityOptions,
  type Incompatibility,
  InvalidSchemaError,
  SCHEMA_LIMITS,
} from '../schema-format.ts';
import {
  enumsOf,
  type Label,
  mapParts,
  messagesOf,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoOneof,
  type ProtoType,
  SCALARS,
} from './proto-file.ts';
import { isEnum, join, type KnownType, type ProtoScope } from './proto-scope.ts';
import { withinStack } from '../within-stack.ts';

/** A file and the world in which its names have a meaning. */
export interface ScopedProto {
  readonly file: ProtoFile;
  readonly scope: ProtoScope;
}

interface ProtoDifference {
  readonly type: string;
  readonly path: string;
}

type Words = { readonly reader: string; readonly writer: string };

/** Changes that break a reader, and what to say about them; all others are harmless. */
const breaking: Readonly<Record<string, (path: string, words: Words) => string>> = {
  PACKAGE_CHANGED: (path, { reader, writer }) =>
    `The package at '${path}' in the ${reader} schema does not match the package in the ${writer} schema`,
  MESSAGE_REMOVED: (path, { reader, writer }) =>
    `The ${reader} schema is missing a MESSAGE type at path '${path}' in the ${writer} schema`,
  FIELD_KIND_CHANGED: (path, { reader, writer }) =>
    `The type of a field at path '${path}' in the ${reader} schema does not match the ${writer} schema`,
  FIELD_SCALAR_KIND_CHANGED: (path, { reader, writer }) =>
    `The kind of a SCALAR field at path '${path}' in the ${reader} schema does not match its kind in the ${writer} schema`,
  FIELD_NAMED_TYPE_CHANGED: (path, { reader, writer }) =>
    `The type of a MESSAGE field at path '${path}' in the ${reader} schema does not match its type in the ${writer} schema`,
  FIELD_NUMERIC_LABEL_CHANGED: (path, { reader, writer }) =>
    `The label for a NUMERIC field at path '${path}' in the ${reader} schema does not match its label in the ${writer} schema`,
  REQUIRED_FIELD_ADDED: (path, { reader, writer }) =>
    `A required field at path '${path}' in the ${reader} schema is missing in the ${writer} schema`,
  REQUIRED_FIELD_REMOVED: (path, { reader, writer }) =>
    `The ${reader} schema is missing a required field at path '${path}' in the ${writer} schema`,
  ONEOF_FIELD_REMOVED: (path, { reader, writer }) =>
    `The ${reader} schema is missing a oneof field at path '${path}' in the ${writer} schema`,
  MULTIPLE_FIELDS_MOVED_TO_ONEOF: (path, { reader, writer }) =>
    `Multiple fields in the oneof at path '${path}' in the ${reader} schema are outside a oneof in the ${writer} schema`,
  FIELD_MOVED_TO_EXISTING_ONEOF: (path, { reader, writer }) =>
    `A field in the oneof at path '${path}' in the ${reader} schema is outside an existing oneof in the ${writer} schema`,
};

export function protoIncompatibilities(
  reader: ScopedProto,
  writer: ScopedProto,
  { readerIs = 'new' }: CompatibilityOptions = {},
): Incompatibility[] {
  const words: Words = readerIs === 'new' ? { reader: 'new', writer: 'old' } : { reader: 'old', writer: 'new' };
  const reasons: Incompatibility[] = [];
  for (const { type, path } of differencesOrFailure(writer, reader)) {
    const sentence = type === FAILED ? path : breaking[type]?.(path, words);
    if (sentence !== undefined && reasons.length < SCHEMA_LIMITS.reasons)
      reasons.push({ type, path: type === FAILED ? '#/' : path, sentence });
  }
  return reasons;
}

const FAILED = 'CHECK_FAILED';

/** Where the comparison cannot be brought to its end, that is the reason. */
function differencesOrFailure(writer: ScopedProto, reader: ScopedProto): readonly ProtoDifference[] {
  try {
    return withinStack(() => protoDifferences(writer, reader));
  } catch (error) {
    if (!(error instanceof InvalidSchemaError)) throw error;
    return [{ type: FAILED, path: `The schemas cannot be compared: ${error.message}` }];
  }
}

const isBreaking = (difference: ProtoDifference): boolean => difference.type in breaking;

/** Throws InvalidSchemaError when there is more to compare than we are ready to. */
function protoDifferences(original: ScopedProto, update: ScopedProto): ProtoDifference[] {
  const comparison = new Comparison(original.scope, update.scope);
  const before = original.file.packageName ?? '';
  const after = update.file.packageName ?? '';
  if (before !== after) comparison.note('PACKAGE_CHANGED', []);
  comparison.types(original.file.types, update.file.types, [], { original: before, update: after });
  return comparison.differences;
}

/** Where the names of the two sides were written. */
interface Places {
  readonly original: string;
  readonly update: string;
}
type Path = readonly string[];

class Comparison {
  readonly differences: ProtoDifference[] = [];
  private readonly original: ProtoScope;
  private readonly update: ProtoScope;
  /** Messages that are being compared: a circle ends there. */
  private readonly open = new Set<ProtoMessage>();
  /** Pairs that a field referred to, with their verdict. */
  private readonly referred = new Map<KnownType, Map<KnownType, boolean>>();
  private steps = 0;

  constructor(original: ProtoScope, update: ProtoScope) {
    this.original = original;
    this.update = update;
  }

  note(type: string, path: Path): void {
    this.differences.push({ type, path: `#/${path.join('/')}` });
  }

  types(original: readonly ProtoType[], update: readonly ProtoType[], path: Path, places: Places): void {
    this.messages(messagesOf(original), messagesOf(update), path, places);
    const before = byName(enumsOf(original));
    const after = byName(enumsOf(update));
    for (const name of unionOf(before, after)) {
      const [was, is] = [before.get(name), after.get(name)];
      if (is === undefined) this.note('ENUM_REMOVED', [...path, name]);
      else if (was === undefined) this.note('ENUM_ADDED', [...path, name]);
      else this.constants(was, is, [...path, name]);
    }
  }

  private messages(
    original: readonly ProtoMessage[],
    update: readonly ProtoMessage[],
    path: Path,
    places: Places,
  ): void {
    const before = byName(original);
    const after = byName(update);
    const [placeBefore, placeAfter] = [orderOf(original), orderOf(update)];
    for (const name of unionOf(before, after)) {
      const [was, is] = [before.get(name), after.get(name)];
      const inner = { original: join(places.original, name), update: join(places.update, name) };
      if (was !== undefined && is !== undefined) {
        this.message(was, is, [...path, name], inner);
        if (placeBefore.get(was) !== placeAfter.get(is)) this.note('MESSAGE_MOVED', [...path, name]);
      } else if (was !== undefined) {
        if (this.original.get(inner.original)?.mapType === undefined) this.note('MESSAGE_REMOVED', [...path, name]);
      } else if (this.update.get(inner.update)?.mapType === undefined) this.note('MESSAGE_ADDED', [...path, name]);
    }
  }

  private constants(original: ProtoEnum, update: ProtoEnum, path: Path): void {
    const before = new Map(original.constants.map((one) => [one.number, one]));
    const after = new Map(update.constants.map((one) => [one.number, one]));
    for (const number of unionOf(before, after)) {
      const [was, is] = [before.get(number), after.get(number)];
      const at = [...path, String(number)];
      if (is === undefined) this.note('ENUM_CONST_REMOVED', at);
      else if (was === undefined) this.note('ENUM_CONST_ADDED', at);
      else if (was.name !== is.name) this.note('ENUM_CONST_CHANGED', at);
    }
  }

  message(original: ProtoMessage, update: ProtoMessage, path: Path, places: Places): void {
    if (++this.steps > SCHEMA_LIMITS.comparisons)
      throw new InvalidSchemaError(`more than ${SCHEMA_LIMITS.comparisons} messages to compare`);
    if (!this.open.has(original)) {
      this.open.add(original);
      const before = new Fields(original);
      const after = new Fields(update);
      this.exclusivity(before, after, path);
      for (const name of [...unionOf(before.oneofs, after.oneofs)].sort()) {
        if (!after.oneofs.has(name)) this.note('ONEOF_REMOVED', [...path, name]);
        else if (!before.oneofs.has(name)) this.note('ONEOF_ADDED', [...path, name]);
      }
      for (const number of [...unionOf(before.byNumber, after.byNumber)].sort((a, b) => a - b))
        this.field(number, before, after, path, places);
      this.open.delete(original);
    }
    this.types(original.types, update.types, path, places);
  }

  /** Fields that could be set together before and cannot be now lose data; new ones were never set. */
  private exclusivity(before: Fields, after: Fields, path: Path): void {
    for (const oneof of after.oneofs.values()) {
      const origins = new Set<string>();
      let outside = 0;
      for (const { number } of oneof.fields) {
        const former = before.oneofOf.get(number);
        if (former !== undefined) origins.add(`in ${former}`);
        else if (before.byNumber.has(number)) {
          origins.add(String(number));
          outside++;
        }
      }
      if (origins.size <= 1) continue;
      this.note(outside > 1 ? 'MULTIPLE_FIELDS_MOVED_TO_ONEOF' : 'FIELD_MOVED_TO_EXISTING_ONEOF', [
        ...path,
        oneof.name,
      ]);
    }
  }

  private field(number: number, before: Fields, after: Fields, path: Path, places: Places): void {
    const [was, is] = [before.byNumber.get(number), after.byNumber.get(number)];
    const [oneofBefore, oneofAfter] = [before.oneofOf.get(number), after.oneofOf.get(number)];
    const at = [...path, String(number)];
    const inOneof = [...path, oneofAfter ?? oneofBefore ?? '', String(number)];
    if (is === undefined) {
      if (oneofBefore === undefined)
        this.note(was?.label === 'required' ? 'REQUIRED_FIELD_REMOVED' : 'FIELD_REMOVED', at);
      else if (!before.isGone(oneofBefore, after)) this.note('ONEOF_FIELD_REMOVED', inOneof);
    } else if (was === undefined) {
      if (oneofAfter !== undefined) this.note('ONEOF_FIELD_ADDED', inOneof);
      else this.note(is.label === 'required' ? 'REQUIRED_FIELD_ADDED' : 'FIELD_ADDED', at);
    } else {
      if (oneofBefore !== undefined && oneofAfter === undefined) this.note('ONEOF_FIELD_MOVED_TO_TOP_LEVEL', at);
      this.contents(was, is, oneofAfter === undefined ? at : inOneof, places);
    }
  }

  private contents(was: ProtoField, is: ProtoField, path: Path, places: Places): void {
    if (was.name !== is.name) this.note('FIELD_NAME_CHANGED', path);
    this.compareTypes(was.type, is.type, was.label, is.label, path, places);
  }

  private compareTypes(
    originalType: string,
    updateType: string,
    labelBefore: Label | undefined,
    labelAfter: Label | undefined,
    path: Path,
    places: Places,
  ): void {
    const before = meaning(originalType, this.original, places.original);
    const after = meaning(updateType, this.update, places.update);
    if (before.kind !== after.kind) this.note('FIELD_KIND_CHANGED', path);
    else if (before.kind === 'scalar') {
      if (before.group !== after.group) this.note('FIELD_SCALAR_KIND_CHANGED', path);
      else if (labelBefore !== undefined && labelAfter !== undefined && labelBefore !== labelAfter)
        this.note(
          before.group === 'text' ? 'FIELD_STRING_OR_BYTES_LABEL_CHANGED' : 'FIELD_NUMERIC_LABEL_CHANGED',
          path,
        );
    } else if (before.kind === 'map') {
      const [was, is] = [mapParts(before.type), mapParts(after.type)];
      this.compareTypes(was?.key ?? '', is?.key ?? '', undefined, undefined, path, places);
      this.compareTypes(was?.value ?? '', is?.value ?? '', undefined, undefined, path, places);
    } else this.messageTypes(before, after, path);
  }

  private messageTypes(before: Meaning, after: Meaning, path: Path): void {
    const [was, is] = [before.known, after.known];
    if (was === undefined || is === undefined) {
      if (before.type !== after.type) this.note('FIELD_NAMED_TYPE_CHANGED', path);
    } else if (was.localName !== is.localName) this.note('FIELD_NAMED_TYPE_CHANGED', path);
    else if (!isSameReference(was, is) && !this.reads(was, is)) this.note('FIELD_NAMED_TYPE_CHANGED', path);
  }

  /** Compares the messages that two fields refer to, once; what is found is told where the messages are. */
  private reads(was: KnownType, is: KnownType): boolean {
    const verdicts = this.referred.get(was) ?? new Map<KnownType, boolean>();
    this.referred.set(was, verdicts);
    const before = verdicts.get(is);
    if (before !== undefined) return before;
    verdicts.set(is, true);
    if (was.type.kind !== 'message' || is.type.kind !== 'message') return true;
    const from = this.differences.length;
    this.message(was.type, is.type, is.localName.split('.'), { original: was.fullName, update: is.fullName });
    const verdict = !this.differences.slice(from).some(isBreaking);
    verdicts.set(is, verdict);
    return verdict;
  }
}

/** Types of the files themselves, of files that everybody has, or of one version of one subject need no comparison. */
function isSameReference(was: KnownType, is: KnownType): boolean {
  const [a, b] = [was.reference, is.reference];
  return a !== undefined && b !== undefined && a.subject === b.subject && a.version === b.version;
}

class Fields {
  readonly byNumber = new Map<number, ProtoField>();
  readonly oneofOf = new Map<number, string>();
  readonly oneofs: ReadonlyMap<string, ProtoOneof>;

  constructor(message: ProtoMessage) {
    for (const field of message.fields) this.byNumber.set(field.number, field);
    for (const oneof of message.oneofs)
      for (const field of oneof.fields) {
        this.byNumber.set(field.number, field);
        this.oneofOf.set(field.number, oneof.name);
      }
    this.oneofs = byName(message.oneofs);
  }

  /** The oneof and all its fields left together: that is harmless, where a part of it is not. */
  isGone(oneof: string, after: Fields): boolean {
    return (
      !after.oneofs.has(oneof) &&
      this.oneofs.get(oneof)?.fields.every((field) => !after.byNumber.has(field.number)) === true
    );
  }
}

interface Meaning {
  readonly kind: 'scalar' | 'map' | 'message';
  readonly type: string;
  readonly group?: string | undefined;
  readonly known?: KnownType | undefined;
}

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['varint', ['int32', 'int64', 'uint32', 'uint64', 'bool']],
  ['zigzag', ['sint32', 'sint64']],
  ['text', ['string', 'bytes']],
  ['fixed32', ['fixed32', 'sfixed32']],
  ['fixed64', ['fixed64', 'sfixed64']],
];

function meaning(type: string, scope: ProtoScope, place: string): Meaning {
  if (SCALARS.has(type))
    return { kind: 'scalar', type, group: GROUPS.find(([, types]) => types.includes(type))?.[0] ?? type };
  if (mapParts(type) !== undefined) return { kind: 'map', type };
  const known = scope.find(type, place);
  if (known?.mapType !== undefined) return { kind: 'map', type: known.mapType };
  if (isEnum(known)) return { kind: 'scalar', type, group: 'varint' };
  return { kind: 'message', type, known };
}

const byName = <T extends { readonly name: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.name, item]));

function unionOf<K>(a: ReadonlyMap<K, unknown>, b: ReadonlyMap<K, unknown>): Set<K> {
  return new Set([...a.keys(), ...b.keys()]);
}

const orderOf = <T>(items: readonly T[]): Map<T, number> => new Map(items.map((item, at) => [item, at]));
