// Names that were open while a text was read get their types (SchemaResolver of Apache Avro 1.12), in place. A default whose
// type was open is looked at again then.
import { InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';
import type { AvroNamed, AvroRecord, AvroType } from './avro-type.ts';
import { fitsDefault } from './defaults.ts';
import { checkUnion } from './unions.ts';

/** `fresh` are the types that the same text defines. Throws InvalidSchemaError when a name stays open. */
export function resolveNames(
  type: AvroType,
  fresh: Iterable<AvroNamed>,
  known: ReadonlyMap<string, AvroNamed>,
  checksDefaults: boolean,
): AvroType {
  const walk = new Walk(known, checksDefaults);
  for (const named of fresh) walk.resolve(named);
  return walk.resolve(type);
}

class Walk {
  private readonly done = new Set<AvroType>();
  private readonly unfinished = new Set<AvroType>();
  private readonly known: ReadonlyMap<string, AvroNamed>;
  private readonly checksDefaults: boolean;

  constructor(known: ReadonlyMap<string, AvroNamed>, checksDefaults: boolean) {
    this.known = known;
    this.checksDefaults = checksDefaults;
  }

  resolve(type: AvroType, depth = 0): AvroType {
    if (depth > SCHEMA_LIMITS.depth * 2)
      throw new InvalidSchemaError(`More than ${SCHEMA_LIMITS.depth * 2} types inside one another`);
    if (type.kind === 'open name') {
      const named = this.known.get(type.fullName);
      if (named === undefined) throw new InvalidSchemaError(`Undefined schema: ${type.fullName}`);
      return this.resolve(named, depth);
    }
    if (this.done.has(type)) return type;
    this.done.add(type);
    if (type.kind === 'array') type.items = this.resolve(type.items, depth + 1);
    else if (type.kind === 'map') type.values = this.resolve(type.values, depth + 1);
    else if (type.kind === 'record') this.fields(type, depth);
    else if (type.kind === 'union') {
      type.branches = type.branches.map((branch) => this.resolve(branch, depth + 1));
      checkUnion(type.branches);
    }
    return type;
  }

  private fields(record: AvroRecord, depth: number): void {
    this.unfinished.add(record);
    for (const field of record.fields) field.type = this.resolve(field.type, depth + 1);
    for (const field of record.fields) {
      const isWrong =
        this.checksDefaults && field.default !== undefined && !fitsDefault(field.type, field.default, this.unfinished);
      if (isWrong) throw new InvalidSchemaError(`Invalid default for field ${field.name}`);
    }
    this.unfinished.delete(record);
  }
}
