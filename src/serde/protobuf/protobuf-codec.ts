// The part of Protobuf that needs protobufjs; loaded with the first schema.
import protobuf from 'protobufjs';
import type { Reader, Writer } from '../schema-serde.ts';

interface Names {
  readonly message?: string | undefined;
  readonly keepCase: boolean;
}

/** `texts`: the files that the schema imports, by path. Throws when the text is none, or has no such message. */
export function protobufWriter<T extends object>(
  text: string,
  texts: ReadonlyMap<string, string>,
  { message, keepCase }: Names,
): Writer<T> {
  const file = load(text, texts, keepCase);
  const type = message === undefined ? firstOf(file) : named(file, message);
  return {
    record: type.fullName.replace(/^\./, ''),
    indexes: indexesOf(type, file),
    encode: (data) => {
      const wrong = type.verify(verifiable(type, data));
      if (wrong !== null) throw new Error(`the data does not fit message ${type.name}: ${wrong}`);
      return type.encode(type.fromObject(data)).finish();
    },
  };
}

export function protobufReader<T extends object>(
  text: string,
  texts: ReadonlyMap<string, string>,
  { keepCase }: Names,
): Reader<T> {
  const file = load(text, texts, keepCase);
  return (payload, indexes) => {
    const type = messageAt(file, indexes);
    return withNumbers(type.toObject(type.decode(payload), AS_READ)) as T;
  };
}

const AS_READ = {
  longs: BigInt,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
  oneofs: true,
} as unknown as protobuf.IConversionOptions;

/** The namespace in which the file's own messages are: its package. Messages of the file are told by their order in it. */
interface LoadedFile {
  readonly root: protobuf.Root;
  readonly messages: readonly protobuf.Type[];
}

function load(text: string, texts: ReadonlyMap<string, string>, keepCase: boolean): LoadedFile {
  const root = new protobuf.Root();
  addCommon(root, [text, ...texts.values()]);
  for (const other of texts.values()) protobuf.parse(other, root, { keepCase });
  const before = new Set<protobuf.ReflectionObject>();
  const { package: name } = protobuf.parse(text, new protobuf.Root(), { keepCase });
  const place = () => (name === undefined ? root : root.lookup(name));
  const known = place();
  if (known instanceof protobuf.Namespace) for (const one of known.nestedArray) before.add(one);
  protobuf.parse(text, root, { keepCase });
  const after = place();
  const own = after instanceof protobuf.Namespace ? after.nestedArray.filter((one) => !before.has(one)) : [];
  root.resolveAll();
  restoreMaps(root);
  return { root, messages: own.filter((one) => one instanceof protobuf.Type) };
}

/** google/protobuf/*: those that protobufjs knows and somebody imports. */
function addCommon(root: protobuf.Root, texts: readonly string[]): void {
  for (const [, path = ''] of texts.join('\n').matchAll(/import\s+(?:public\s+|weak\s+)?["']([^"']+)["']/g)) {
    const common = protobuf.common.get(path) as protobuf.INamespace | null;
    if (common?.nested !== undefined) root.addJSON(common.nested);
  }
}

function firstOf({ messages: [first] }: LoadedFile): protobuf.Type {
  if (first === undefined) throw new Error('the schema has no message');
  return first;
}

function named({ root, messages }: LoadedFile, name: string): protobuf.Type {
  for (const message of messages) {
    if (message.name === name || message.fullName === `.${name}`) return message;
    const rest = name.startsWith(`${message.name}.`) ? name.slice(message.name.length + 1) : undefined;
    const nested = rest === undefined ? null : message.lookup(rest, [protobuf.Type]);
    if (nested instanceof protobuf.Type) return nested;
  }
  return root.lookupType(name);
}

const nestedTypes = (type: protobuf.NamespaceBase): protobuf.Type[] =>
  type.nestedArray.filter((one): one is protobuf.Type => one instanceof protobuf.Type);

/** From the file's messages down to the type. */
function indexesOf(type: protobuf.Type, { messages }: LoadedFile): number[] {
  const top = messages.indexOf(type);
  if (top >= 0) return [top];
  if (!(type.parent instanceof protobuf.Type))
    throw new Error(`message ${type.fullName} is not of the schema's own file`);
  return [...indexesOf(type.parent, { messages } as LoadedFile), nestedTypes(type.parent).indexOf(type)];
}

function messageAt(file: LoadedFile, indexes: readonly number[]): protobuf.Type {
  const [top = 0, ...rest] = indexes;
  let type = file.messages[top];
  for (const index of rest) type = type === undefined ? undefined : nestedTypes(type)[index];
  if (type === undefined) throw new Error(`the schema has no message at [${indexes.join(', ')}]`);
  return type;
}

/** A registry shows maps of a descriptor as the messages that they are; here they become maps again. */
function restoreMaps(root: protobuf.NamespaceBase): void {
  for (const type of nestedTypes(root)) {
    for (const field of type.fieldsArray) {
      const entry = field.resolvedType;
      if (!(entry instanceof protobuf.Type) || entry.options?.['map_entry'] !== true) continue;
      const { key, value } = entry.fields;
      if (key === undefined || value === undefined) continue;
      const map = new protobuf.MapField(field.name, field.id, key.type, value.resolvedType?.fullName ?? value.type);
      type.remove(field);
      type.add(map);
      map.resolve();
    }
  }
  for (const one of root.nestedArray) if (one instanceof protobuf.Namespace) restoreMaps(one);
}

/** A copy for protobufjs' check of types, which knows neither names of constants nor bigints. */
function verifiable(type: protobuf.Type, data: object): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...data };
  for (const field of type.fieldsArray) {
    const value = copy[field.name];
    if (value === undefined || value === null) continue;
    if (field instanceof protobuf.MapField && typeof value === 'object')
      copy[field.name] = Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, verifiableValue(field, item)]),
      );
    else
      copy[field.name] =
        field.repeated && Array.isArray(value)
          ? value.map((item) => verifiableValue(field, item))
          : verifiableValue(field, value);
  }
  return copy;
}

function verifiableValue({ resolvedType }: protobuf.Field, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (resolvedType instanceof protobuf.Enum)
    return typeof value === 'string' ? (resolvedType.values[value] ?? value) : value;
  const isMessage = resolvedType instanceof protobuf.Type && typeof value === 'object' && value !== null;
  return isMessage && !Array.isArray(value) ? verifiable(resolvedType, value) : value;
}

/** Bigints that a number holds become numbers, in place. */
function withNumbers(data: unknown): unknown {
  if (typeof data === 'bigint') return data >= -MOST && data <= MOST ? Number(data) : data;
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return data;
  for (const [key, value] of Object.entries(data))
    if (typeof value === 'bigint' || typeof value === 'object')
      (data as Record<string, unknown>)[key] = withNumbers(value);
  return data;
}

const MOST = 2n ** 53n - 1n;
