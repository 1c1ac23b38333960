// Holds our Avro against one verdict of Apache Avro: both texts, and every reason.
import { avroIncompatibilities } from '../../src/schema-registry/formats/avro/avro-compatibility.ts';
import { AvroParser } from '../../src/schema-registry/formats/avro/avro-parse.ts';
import { printAvro } from '../../src/schema-registry/formats/avro/avro-print.ts';
import type { AvroType } from '../../src/schema-registry/formats/avro/avro-type.ts';
import { InvalidSchemaError } from '../../src/schema-registry/formats/index.ts';
import type { AvroVerdict } from './avro-verdicts.ts';

/** Undefined when both say the same. */
export function avroDifference(expected: AvroVerdict): string | undefined {
  const [reader, writer] = [parse(expected.reader), parse(expected.writer)];
  const texts = [reader, writer].map((type) => (type === undefined ? 'refused' : printAvro(type)));
  if (texts[0] !== expected.readerText)
    return `of ${expected.reader}\nAvro: ${expected.readerText}\nOttla: ${texts[0]}`;
  if (texts[1] !== expected.writerText)
    return `of ${expected.writer}\nAvro: ${expected.writerText}\nOttla: ${texts[1]}`;
  const verdict = verdictOf(reader, writer);
  if (verdict === expected.verdict) return undefined;
  return `${expected.reader} reads ${expected.writer}\nAvro: ${expected.verdict}\nOttla: ${verdict}`;
}

function parse(text: string): AvroType | undefined {
  try {
    return new AvroParser(true).parse(text);
  } catch (error) {
    if (error instanceof InvalidSchemaError) return undefined;
    throw error;
  }
}

function verdictOf(reader: AvroType | undefined, writer: AvroType | undefined): string {
  if (reader === undefined || writer === undefined) return 'none';
  const found = avroIncompatibilities(reader, writer);
  if (found[0]?.type === 'CHECK_FAILED') return 'failed';
  return found.map(({ type, path, additionalInfo }) => `${type} ${path} ${additionalInfo ?? ''}|`).join('');
}
