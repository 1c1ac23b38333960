// Can the reader read all that the writer wrote? The rules and the words are those of Apache Avro 1.12's
// SchemaCompatibility: what it overlooks (a namespace that changed) and what it asks too much (a reader's enum without a
// counterpart) is the same here, since registries have been answering so for years.
import {
  type CompatibilityOptions,
  type Incompatibility,
  InvalidSchemaError,
  SCHEMA_LIMITS,
} from '../schema-format.ts';
import type { AvroEnum, AvroField, AvroFixed, AvroNamed, AvroRecord, AvroType } from './avro-type.ts';
import { withinStack } from '../within-stack.ts';

type Reason = { readonly type: keyof typeof sentences; readonly path: string; readonly message: string };
type Words = { readonly reader: string; readonly writer: string };

const sentences = {
  FIXED_SIZE_MISMATCH: (path: string, _: string, { reader, writer }: Words) =>
    `The size of FIXED type field at path '${path}' in the ${reader} schema does not match with the ${writer} schema`,
  TYPE_MISMATCH: (path: string, _: string, { reader, writer }: Words) =>
    `The type (path '${path}') of a field in the ${reader} schema does not match with the ${writer} schema`,
  NAME_MISMATCH: (path: string) => `The name of the schema has changed (path '${path}')`,
  MISSING_ENUM_SYMBOLS: (path: string, message: string, { reader, writer }: Words) =>
    `The ${reader} schema is missing enum symbols '${message}' at path '${path}' in the ${writer} schema`,
  MISSING_UNION_BRANCH: (path: string, _: string, { reader, writer }: Words) =>
    `The ${reader} schema is missing a type inside a union field at path '${path}' in the ${writer} schema`,
  READER_FIELD_MISSING_DEFAULT_VALUE: (path: string, message: string, { reader, writer }: Words) =>
    `The field '${message}' at path '${path}' in the ${reader} schema has no default value and is missing in the ${writer} schema`,
};

const PROMOTED: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

/** Empty when the reader reads everything. */
export function avroIncompatibilities(
  reader: AvroType,
  writer: AvroType,
  { readerIs = 'new' }: CompatibilityOptions = {},
): Incompatibility[] {
  const words: Words = readerIs === 'new' ? { reader: 'new', writer: 'old' } : { reader: 'old', writer: 'new' };
  try {
    return withinStack(() => new Comparison().compare(reader, writer, ''))
      .slice(0, SCHEMA_LIMITS.reasons)
      .map(({ type, path, message }) => ({
        type,
        path,
        sentence: sentences[type](path, message, words),
        additionalInfo: message,
      }));
  } catch (error) {
    if (!(error instanceof InvalidSchemaError)) throw error;
    const sentence = `Unexpected exception during compatibility check: ${error.message}`;
    return [{ type: 'CHECK_FAILED', path: '/', sentence }];
  }
}

const NONE: readonly Reason[] = [];

/** Pairs that were seen keep their answer; a pair that is being looked at counts as compatible (recursion). */
class Comparison {
  private readonly seen = new Map<AvroType, Map<AvroType, readonly Reason[]>>();
  private comparisons = 0;

  /** `at` is the path, without a slash at the end: `/fields/0`. */
  compare(reader: AvroType, writer: AvroType, at: string): readonly Reason[] {
    const answers = this.seen.get(reader) ?? new Map<AvroType, readonly Reason[]>();
    this.seen.set(reader, answers);
    const before = answers.get(writer);
    if (before !== undefined) return before;
    if (++this.comparisons > SCHEMA_LIMITS.comparisons)
      throw new InvalidSchemaError(`more than ${SCHEMA_LIMITS.comparisons} pairs of types to compare`);
    answers.set(writer, NONE);
    const reasons = this.decide(reader, writer, at);
    answers.set(writer, reasons);
    return reasons;
  }

  private decide(reader: AvroType, writer: AvroType, at: string): readonly Reason[] {
    if (writer.kind === 'union')
      return reader.kind === 'union'
        ? this.unions(reader, writer.branches, at)
        : this.everyBranch(reader, writer.branches, at);
    if (reader.kind === 'union') {
      const reads = reader.branches.some((branch) => this.compare(branch, writer, '').length === 0);
      return reads ? NONE : [missingBranch(writer, at)];
    }
    if (reader.kind !== writer.kind)
      return PROMOTED[reader.kind]?.includes(writer.kind) ? NONE : [mismatch(reader, writer, at)];
    switch (reader.kind) {
      case 'array':
        return this.compare(reader.items, (writer as typeof reader).items, `${at}/items`);
      case 'map':
        return this.compare(reader.values, (writer as typeof reader).values, `${at}/values`);
      case 'fixed':
        return [...names(reader, writer as AvroFixed, at), ...sizes(reader, writer as AvroFixed, at)];
      case 'enum':
        return [...names(reader, writer as AvroEnum, at), ...symbols(reader, writer as AvroEnum, at)];
      case 'record':
        return [...names(reader, writer as AvroRecord, at), ...this.fields(reader, writer as AvroRecord, at)];
      default:
        return NONE;
    }
  }

  /** Inside a branch, Avro begins to count the path anew. */
  private unions(reader: AvroType, branches: readonly AvroType[], at: string): Reason[] {
    const reasons: Reason[] = [];
    branches.forEach((branch, index) => {
      if (this.compare(reader, branch, '').length > 0) reasons.push(missingBranch(branch, `${at}/${index}`));
    });
    return reasons;
  }

  private everyBranch(reader: AvroType, branches: readonly AvroType[], at: string): Reason[] {
    return branches.flatMap((branch, index) => this.compare(reader, branch, `${at}/${index}`));
  }

  private fields(reader: AvroRecord, writer: AvroRecord, at: string): Reason[] {
    const byName = new Map(writer.fields.map((field) => [field.name, field]));
    return reader.fields.flatMap((field, index) => {
      const path = `${at}/fields/${index}`;
      const written = writtenField(field, byName, writer);
      if (written !== undefined) return this.compare(field.type, written.type, `${path}/type`);
      if (field.default !== undefined) return NONE;
      // As Avro has it: the reader's enum is held against the writer's whole record.
      if (field.type.kind === 'enum' && field.type.default !== undefined)
        return this.compare(field.type, writer, `${path}/type`);
      return [reason('READER_FIELD_MISSING_DEFAULT_VALUE', path, field.name)];
    });
  }
}

/** Throws InvalidSchemaError when a name and an alias, or two aliases, mean different fields of the writer. */
function writtenField(
  field: AvroField,
  byName: ReadonlyMap<string, AvroField>,
  writer: AvroRecord,
): AvroField | undefined {
  const found = [field.name, ...field.aliases].flatMap((name) => byName.get(name) ?? []);
  if (found.length > 1)
    throw new InvalidSchemaError(
      `Reader record field ${field.name} matches multiple fields in writer record schema ${writer.name.full}`,
    );
  return found[0];
}

const reason = (type: Reason['type'], at: string, message: string): Reason => ({
  type,
  path: at === '' ? '/' : at,
  message,
});

const kindName = (type: AvroType): string => type.kind.toUpperCase();

const mismatch = (reader: AvroType, writer: AvroType, at: string): Reason =>
  reason('TYPE_MISMATCH', at, `reader type: ${kindName(reader)} not compatible with writer type: ${kindName(writer)}`);

const missingBranch = (writer: AvroType, at: string): Reason =>
  reason('MISSING_UNION_BRANCH', at, `reader union lacking writer type: ${kindName(writer)}`);

/** The name without its namespace, or one of the reader's aliases in full. */
function names(reader: AvroNamed, writer: AvroNamed, at: string): Reason[] {
  if (
    reader.name.name === writer.name.name ||
    reader.aliases.some((alias) => aliasText(reader, alias) === writer.name.full)
  )
    return [];
  return [reason('NAME_MISMATCH', `${at}/name`, `expected: ${writer.name.full}`)];
}

function aliasText(reader: AvroNamed, alias: AvroNamed['name']): string {
  return alias.space === undefined && reader.name.space !== undefined ? `.${alias.name}` : alias.full;
}

function sizes(reader: AvroFixed, writer: AvroFixed, at: string): Reason[] {
  if (reader.size === writer.size) return [];
  return [reason('FIXED_SIZE_MISMATCH', `${at}/size`, `expected: ${writer.size}, found: ${reader.size}`)];
}

function symbols(reader: AvroEnum, writer: AvroEnum, at: string): Reason[] {
  const own = new Set(reader.symbols);
  const missing = writer.symbols.filter((symbol) => !own.has(symbol)).sort((a, b) => (a < b ? -1 : 1));
  if (missing.length === 0 || reader.default !== undefined) return [];
  return [reason('MISSING_ENUM_SYMBOLS', `${at}/symbols`, `[${missing.join(', ')}]`)];
}
