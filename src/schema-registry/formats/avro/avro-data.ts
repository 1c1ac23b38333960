// Data held against an Avro schema, with avsc.
import { default as avsc } from 'avsc';
import { type DataCheck, DataError } from '../schema-format.ts';

/** Texts without references; throws DataError when the reader cannot be made to read the writer's data at all. */
export function avroDataCheck(readerText: string, writerText: string): DataCheck {
  const writer = typeOf(writerText);
  const reader = typeOf(readerText);
  const resolver = orDataError(() => (readerText === writerText ? undefined : reader.createResolver(writer)));
  return (payload) => {
    orDataError(() => reader.fromBuffer(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength), resolver));
  };
}

function typeOf(text: string): avsc.Type {
  return orDataError(() => avsc.Type.forSchema(JSON.parse(text), { wrapUnions: true, logicalTypes: {} }));
}

function orDataError<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new DataError(error instanceof Error ? error.message : String(error));
  }
}
