// Kafka's own deserialisers by the names of their classes, and how Java prints what they make of bytes.
import { LONG_MAX_TEXT } from '../../../runtime/index.ts';
import type { ToolIo } from '../../tool-io.ts';
import { JavaError } from '../java-error.ts';
import { logError } from '../log-line.ts';

export type BytesReader = (bytes: Buffer) => string;

const PACKAGE = 'org.apache.kafka.common.serialization.';

const sized =
  (name: string, size: number, read: BytesReader): BytesReader =>
  (bytes) => {
    if (bytes.length === size) return read(bytes);
    const message = `Size of data received by ${name} is not ${size}`;
    throw new JavaError('org.apache.kafka.common.errors.SerializationException', message);
  };

const READERS: Readonly<Record<string, BytesReader>> = {
  StringDeserializer: (bytes) => bytes.toString('utf8'),
  BytesDeserializer: (bytes) => [...bytes].map(escaped).join(''),
  ByteBufferDeserializer: (bytes) => `java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]`,
  ShortDeserializer: sized('ShortDeserializer', 2, (bytes) => String(bytes.readInt16BE())),
  IntegerDeserializer: sized('IntegerDeserializer', 4, (bytes) => String(bytes.readInt32BE())),
  LongDeserializer: sized('LongDeserializer', 8, (bytes) => String(bytes.readBigInt64BE())),
  FloatDeserializer: sized('Deserializer', 4, (bytes) => javaDecimal(bytes.readFloatBE(), Math.fround)),
  DoubleDeserializer: sized('Deserializer', 8, (bytes) => javaDecimal(bytes.readDoubleBE(), (value) => value)),
  BooleanDeserializer: sized('BooleanDeserializer', 1, (bytes) => String(bytes[0] === 1)),
  UUIDDeserializer: (bytes) => bytes.toString('utf8').toLowerCase(),
};

/** undefined, and a line of the log, for a class that is none of Kafka's: the bytes are then printed as they are. */
export function deserializerNamed(io: ToolIo, className: string): BytesReader | undefined {
  const found = className.startsWith(PACKAGE) ? READERS[className.slice(PACKAGE.length)] : undefined;
  if (found !== undefined) return found;
  const logger = 'org.apache.kafka.tools.consumer.DefaultMessageFormatter';
  logError(io, logger, `Unable to instantiate a deserializer from ${className}`);
  return undefined;
}

/** As org.apache.kafka.common.utils.Bytes prints a byte. */
function escaped(byte: number): string {
  const isPrintable = byte >= 0x20 && byte <= 0x7e && byte !== 0x5c;
  return isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

const LEAST_PLAIN = 1e-3;
const BEYOND_PLAIN = 1e7;
const MOST_DIGITS = LONG_MAX_TEXT.length - 2;

/** Double.toString: plain between 10^-3 and 10^7, `1.0E10` beyond, with the fewest digits that tell the value apart. */
function javaDecimal(value: number, rounded: (value: number) => number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  let digits = 1;
  while (digits < MOST_DIGITS && rounded(Number(value.toPrecision(digits))) !== value) digits++;
  const shortest = Number(value.toPrecision(digits));
  const size = Math.abs(value);
  if (size >= LEAST_PLAIN && size < BEYOND_PLAIN) return withPoint(String(shortest));
  const [mantissa = '', exponent = ''] = shortest.toExponential().split('e');
  return `${withPoint(mantissa)}E${Number(exponent)}`;
}

const withPoint = (text: string): string => (text.includes('.') ? text : `${text}.0`);
