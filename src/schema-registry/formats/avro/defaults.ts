// Whether a field's default fits its type (Schema.isValidDefault of Apache Avro 1.12): for a union, any branch will do.
import { isObject, type Json, JsonNumber } from '../json-text/index.ts';
import { InvalidSchemaError } from '../schema-format.ts';
import { type AvroField, type AvroType, INT, isJsonInteger, LONG } from './avro-type.ts';

/** Checks defaults while the types do not change; what a field's own default says is found out once. */
export class DefaultCheck {
  private readonly own = new Map<AvroField, boolean>();
  private readonly isOpen: (record: AvroType) => boolean;

  /** `isOpen` tells records whose fields are not known yet. */
  constructor(isOpen: (record: AvroType) => boolean = () => false) {
    this.isOpen = isOpen;
  }

  /** Throws InvalidSchemaError when a record that is open would be needed, as Avro does. */
  fits(type: AvroType, value: Json | undefined): boolean {
    if (value === undefined) return false;
    switch (type.kind) {
      case 'string':
      case 'bytes':
      case 'enum':
      case 'fixed':
        return typeof value === 'string';
      case 'int':
        return isJsonInteger(value, INT.low, INT.high);
      case 'long':
        return isJsonInteger(value, LONG.low, LONG.high);
      case 'float':
      case 'double':
        return value instanceof JsonNumber;
      case 'boolean':
        return typeof value === 'boolean';
      case 'null':
        return value === null;
      case 'array':
        return Array.isArray(value) && value.every((item) => this.fits(type.items, item));
      case 'map':
        return isObject(value) && [...value.values()].every((item) => this.fits(type.values, item));
      case 'union':
        return type.branches.some((branch) => this.fits(branch, value));
      case 'record':
        if (!isObject(value)) return false;
        if (this.isOpen(type)) throw new InvalidSchemaError(`Schema fields not set yet: ${type.name.full}`);
        return type.fields.every((field) =>
          value.has(field.name) ? this.fits(field.type, value.get(field.name)) : this.ownFits(field),
        );
      case 'open name':
        return isObject(value);
    }
  }

  private ownFits(field: AvroField): boolean {
    let fits = this.own.get(field);
    if (fits === undefined) this.own.set(field, (fits = this.fits(field.type, field.default)));
    return fits;
  }
}
