// Which logical types are valid where (LogicalTypes of Apache Avro 1.12). One that is not is no error: it is kept as a
// property, and the type is what it is without.
import { JsonNumber } from '../json-text/index.ts';
import { type AvroType, INT, isJsonInteger, type LogicalType, type Properties } from './avro-type.ts';

const onInt = (type: AvroType) => type.kind === 'int';
const onLong = (type: AvroType) => type.kind === 'long';

const places: Readonly<Record<string, (type: AvroType) => boolean>> = {
  date: onInt,
  'time-millis': onInt,
  'time-micros': onLong,
  'timestamp-millis': onLong,
  'timestamp-micros': onLong,
  'timestamp-nanos': onLong,
  'local-timestamp-millis': onLong,
  'local-timestamp-micros': onLong,
  'local-timestamp-nanos': onLong,
  uuid: (type) => type.kind === 'string' || (type.kind === 'fixed' && type.size === 16),
  duration: (type) => type.kind === 'fixed' && type.size === 12,
  'big-decimal': (type) => type.kind === 'bytes',
};

/** Undefined when the type has none that is valid. */
export function logicalTypeOf(type: AvroType): LogicalType | undefined {
  const name = type.properties.get('logicalType');
  if (typeof name !== 'string') return undefined;
  if (name === 'decimal') return decimal(type);
  return Object.hasOwn(places, name) && places[name]?.(type) === true ? { name } : undefined;
}

function decimal(type: AvroType): LogicalType | undefined {
  if (type.kind !== 'bytes' && type.kind !== 'fixed') return undefined;
  const precision = whole(type.properties, 'precision');
  const scale = type.properties.has('scale') ? whole(type.properties, 'scale') : 0;
  if (precision === undefined || scale === undefined || precision <= 0 || scale < 0 || scale > precision)
    return undefined;
  if (type.kind === 'fixed' && precision > Math.floor(Math.log10(2) * (8 * type.size - 1))) return undefined;
  return { name: 'decimal', precision, scale };
}

function whole(properties: Properties, name: string): number | undefined {
  const value = properties.get(name);
  return value instanceof JsonNumber && isJsonInteger(value, INT.low, INT.high) ? value.value : undefined;
}
