// Protobuf as the registry knows a schema language.
import { sortedReferences } from '../sorted-references.ts';
import {
  type CompatibilityOptions,
  type DataCheck,
  type Incompatibility,
  InvalidSchemaError,
  type ParsedSchema,
  SCHEMA_LIMITS,
  type SchemaFormat,
  type SchemaReference,
  type SchemaSource,
} from '../schema-format.ts';
import { protoIncompatibilities, type ScopedProto } from './proto-compatibility.ts';
import { readDescriptor } from './descriptor-read.ts';
import { writeDescriptor } from './descriptor-write.ts';
import type { ProtoFile } from './proto-file.ts';
import { normalizedProto } from './proto-normal.ts';
import { parseProto } from './proto-parse.ts';
import { printProto } from './proto-print.ts';
import { checkRules } from './proto-rules.ts';
import { declaresExtensions, join, ProtoScope } from './proto-scope.ts';
import { wellKnownFiles } from './well-known.ts';
import { withoutExtensions } from './without-extensions.ts';
import { withinStack } from '../within-stack.ts';

/** Types of the schema itself are all of one place, whatever its subject. */
const ITSELF: SchemaReference = { name: '', subject: '', version: -1 };

class ProtobufSchema implements ParsedSchema, ScopedProto {
  readonly type = 'PROTOBUF';
  readonly file: ProtoFile;
  readonly references: readonly SchemaReference[];
  readonly resolved: ReadonlyMap<string, string>;
  private readonly imported: ReadonlyMap<string, ProtoFile>;
  private text: string | undefined;
  private world: ProtoScope | undefined;

  constructor(file: ProtoFile, source: Omit<SchemaSource, 'text'>, imported: ReadonlyMap<string, ProtoFile>) {
    this.file = file;
    this.references = source.references ?? [];
    this.resolved = source.resolved ?? new Map();
    this.imported = imported;
  }

  get canonicalText(): string {
    this.text ??= printProto(this.file);
    return this.text;
  }

  get scope(): ProtoScope {
    if (this.world === undefined) {
      const references = new Map(this.references.map((reference) => [reference.name, reference]));
      this.world = new ProtoScope();
      for (const [path, file] of wellKnownFiles()) if (!this.imported.has(path)) this.world.add(file);
      for (const [path, file] of this.imported) this.world.add(file, references.get(path));
      this.world.add(this.file, ITSELF);
    }
    return this.world;
  }

  /** The file whose messages the schema is about: its own, or the one that it only passes on. */
  private get subject(): ProtoFile {
    const { file } = this;
    const [path] = file.publicImports;
    const isWrapper = [file.types, file.imports, file.services, file.extends].every((list) => list.length === 0);
    if (path === undefined || file.publicImports.length > 1 || !isWrapper) return file;
    return this.imported.get(path) ?? wellKnownFiles().get(path) ?? file;
  }

  get name(): string | undefined {
    const { types, packageName = '' } = this.subject;
    const first = types.find((type) => type.kind === 'message') ?? types[0];
    return first === undefined ? undefined : join(packageName, first.name);
  }

  get fieldNames(): ReadonlySet<string> {
    const names = this.subject.types.flatMap((type) =>
      type.kind === 'message'
        ? [...type.fields, ...type.oneofs.flatMap((oneof) => oneof.fields)].map((field) => field.name)
        : type.constants.map((constant) => constant.name),
    );
    return new Set(names);
  }

  normalized(): ProtobufSchema {
    const source = { references: sortedReferences(this.references), resolved: this.resolved };
    return new ProtobufSchema(
      withinStack(() => normalizedProto(this)),
      source,
      this.imported,
    );
  }

  formatted(format: string): string {
    if (format === 'serialized') return Buffer.from(writeDescriptor(this)).toString('base64');
    if (format === 'ignore_extensions') return printProto(withoutExtensions(this.file));
    return this.canonicalText;
  }
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A text, or a FileDescriptorProto in base64, as Python's and JavaScript's clients send it. */
function fileOf(text: string, imported: Iterable<ProtoFile>): ProtoFile {
  const trimmed = text.trim();
  if (trimmed.length % 4 !== 0 || !BASE64.test(trimmed)) return parseProto(text);
  if (trimmed.length > SCHEMA_LIMITS.textBytes) throw new InvalidSchemaError('the descriptor is too large');
  const scope = new ProtoScope();
  for (const file of [...wellKnownFiles().values(), ...imported]) scope.add(file);
  const bytes = Buffer.from(trimmed, 'base64');
  const file = readDescriptor(bytes, scope);
  // Options of its own: they can be read once it is known that they are declared.
  scope.add(file);
  return declaresExtensions(file) ? readDescriptor(bytes, scope) : file;
}

/** Throws InvalidSchemaError. */
function parse(source: SchemaSource): ProtobufSchema {
  const imported = new Map<string, ProtoFile>();
  for (const [path, text] of source.resolved ?? []) imported.set(path, fileOf(text, imported.values()));
  const schema = new ProtobufSchema(fileOf(source.text, imported.values()), source, imported);
  if (source.asNew === true) withinStack(() => checkRules(schema));
  return schema;
}

function compatibility(
  reader: ParsedSchema,
  writer: ParsedSchema,
  options?: CompatibilityOptions,
): readonly Incompatibility[] {
  return protoIncompatibilities(reader as ProtobufSchema, writer as ProtobufSchema, options);
}

async function dataCheck(schema: ParsedSchema): Promise<DataCheck> {
  const { protoDataCheck } = await import('./proto-data.ts');
  return protoDataCheck(schema);
}

export const protobufFormat: SchemaFormat = { type: 'PROTOBUF', parse, compatibility, dataCheck };
