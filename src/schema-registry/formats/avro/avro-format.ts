// Avro as the registry knows a schema language.
import {
  type CompatibilityOptions,
  type DataCheck,
  type Incompatibility,
  InvalidSchemaError,
  type ParsedSchema,
  type SchemaFormat,
  type SchemaReference,
  type SchemaSource,
} from '../schema-format.ts';
import { sortedReferences } from '../sorted-references.ts';
import { withinStack } from '../within-stack.ts';
import { avroIncompatibilities } from './avro-compatibility.ts';
import { normalizedAvro } from './avro-normal.ts';
import { AvroParser } from './avro-parse.ts';
import { printAvro } from './avro-print.ts';
import { type AvroType, isNamed } from './avro-type.ts';

class AvroSchema implements ParsedSchema {
  readonly type = 'AVRO';
  readonly avro: AvroType;
  readonly references: readonly SchemaReference[];
  readonly resolved: ReadonlyMap<string, string>;
  /** Named types that referenced texts define at their top, which the canonical text writes by name. */
  private readonly known: ReadonlySet<string>;
  private text: string | undefined;

  constructor(avro: AvroType, source: Omit<SchemaSource, 'text'>, known: ReadonlySet<string>) {
    this.avro = avro;
    this.references = source.references ?? [];
    this.resolved = source.resolved ?? new Map();
    this.known = known;
  }

  get canonicalText(): string {
    this.text ??= withinStack(() => printAvro(this.avro, this.known));
    return this.text;
  }

  get name(): string | undefined {
    return this.avro.kind === 'record' ? this.avro.name.full : undefined;
  }

  get fieldNames(): ReadonlySet<string> {
    return new Set(this.avro.kind === 'record' ? this.avro.fields.map((field) => field.name) : []);
  }

  normalized(): AvroSchema {
    const source = { references: sortedReferences(this.references), resolved: this.resolved };
    return new AvroSchema(
      withinStack(() => normalizedAvro(this.avro)),
      source,
      this.known,
    );
  }

  formatted(format: string): string {
    return format === 'resolved' ? withinStack(() => printAvro(this.avro)) : this.canonicalText;
  }
}

/** Throws InvalidSchemaError. */
function parse(source: SchemaSource): AvroSchema {
  return withinStack(() => read(source));
}

function read(source: SchemaSource): AvroSchema {
  const parser = new AvroParser(source.asNew === true);
  const known = new Set<string>();
  for (const [name, text] of source.resolved ?? []) {
    try {
      const type = parser.parse(text);
      if (isNamed(type)) known.add(type.name.full);
    } catch (error) {
      throw error instanceof InvalidSchemaError ? new InvalidSchemaError(`reference ${name}: ${error.message}`) : error;
    }
  }
  return new AvroSchema(parser.parse(source.text), source, known);
}

function compatibility(
  reader: ParsedSchema,
  writer: ParsedSchema,
  options?: CompatibilityOptions,
): readonly Incompatibility[] {
  return avroIncompatibilities((reader as AvroSchema).avro, (writer as AvroSchema).avro, options);
}

async function dataCheck(schema: ParsedSchema, writer: ParsedSchema = schema): Promise<DataCheck> {
  const { avroDataCheck } = await import('./avro-data.ts');
  return avroDataCheck(schema.formatted('resolved'), writer.formatted('resolved'));
}

export const avroFormat: SchemaFormat = { type: 'AVRO', parse, compatibility, dataCheck };
