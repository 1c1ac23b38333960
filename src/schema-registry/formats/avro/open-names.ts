// Names that were open while a text was read get their types (SchemaResolver of Apache Avro 1.12), in place. A default whose
// type was open is looked at again then.
import { InvalidSchemaError, SCHEMA_LIMITS } from '../schema-format.ts';
import type { AvroNamed, AvroRecord, AvroType } from './avro-type.ts';
import { DefaultCheck } from './defaults.ts';
import { checkUnion } from './unions.ts';

/**
 * `fresh` are the types that the same text defines; `finished` those in which nothing is open any more, from texts before it
 * (and, after the call, from this one). Throws InvalidSchemaError when a name stays open.
 */
export function resolveNames(
  type: AvroType,
  fresh: Iterable<AvroNamed>,
  known: ReadonlyMap<string, AvroNamed>,
  finished: Set<AvroType>,
  checksDefaults: boolean,
): AvroType {
  const walk = new Walk(known, finished, checksDefaults);
  for (const named of fresh) walk.resolve(named);
  return walk.resolve(type);
}

/**
 * A record is finished when all that it contains is; a default that needs one that is not is refused. Where an open name
 * leads to a type that nobody came to yet, a visit of its own starts, which finishes what it meets, also records that the
 * visits around it are still in.
 */
class Walk {
  private readonly started = new Set<AvroType>();
  private readonly finished: Set<AvroType>;
  private readonly defaults = new DefaultCheck((record) => this.started.has(record) && !this.finished.has(record));
  private readonly known: ReadonlyMap<string, AvroNamed>;
  private readonly checksDefaults: boolean;

  constructor(known: ReadonlyMap<string, AvroNamed>, finished: Set<AvroType>, checksDefaults: boolean) {
    this.known = known;
    this.finished = finished;
    this.checksDefaults = checksDefaults;
  }

  resolve(type: AvroType, visited = new Set<AvroType>(), depth = 0): AvroType {
    if (depth > SCHEMA_LIMITS.depth * 2)
      throw new InvalidSchemaError(`More than ${SCHEMA_LIMITS.depth * 2} types inside one another`);
    if (type.kind === 'open name') {
      const named = this.known.get(type.fullName);
      if (named === undefined) throw new InvalidSchemaError(`Undefined schema: ${type.fullName}`);
      return this.started.has(named) ? named : this.resolve(named, new Set(), depth + 1);
    }
    this.started.add(type);
    if (visited.has(type) || this.finished.has(type)) return type;
    visited.add(type);
    const inner = (part: AvroType): AvroType => this.resolve(part, visited, depth + 1);
    if (type.kind === 'array') type.items = inner(type.items);
    else if (type.kind === 'map') type.values = inner(type.values);
    else if (type.kind === 'union') {
      type.branches = type.branches.map(inner);
      checkUnion(type.branches);
    } else if (type.kind === 'record') {
      for (const field of type.fields) field.type = inner(field.type);
      this.finish(type);
    }
    return type;
  }

  private finish(record: AvroRecord): void {
    if (this.finished.has(record)) return;
    for (const field of record.fields)
      if (this.checksDefaults && field.default !== undefined && !this.defaults.fits(field.type, field.default))
        throw new InvalidSchemaError(`Invalid default for field ${field.name}`);
    this.finished.add(record);
  }
}
