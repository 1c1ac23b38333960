// Compatibility against the data: what the topic holds is decoded with the candidate, and the first record that breaks is told of.
// Rules compare schemas; producers that went round the registry, or around its rules, are found only here.
import { KafkaError } from '../../protocol/index.ts';
import type { StoredSchema } from '../schemas/entities.ts';
import { type DataCheck, DataError, type ParsedSchema } from '../formats/index.ts';
import type { RegistryCore } from '../registry/core.ts';
import { schemaOfGuid, schemaOfId } from '../registry/queries.ts';
import { unprocessable } from '../schemas/registry-error.ts';
import type { Kernel } from '../store/kernel.ts';
import { prefixOfContext, qualified } from '../schemas/subjects.ts';
import { type Framed, framed, splitIndexes } from './framing.ts';
import { newestRecords, type PlacedRecord } from './topic-records.ts';

export interface DataQuestion {
  readonly subject: string;
  readonly parsed: ParsedSchema;
  /** How many of the newest records. */
  readonly records: number;
  /** Left out: the subject names it, as `<topic>-key` or `<topic>-value`. */
  readonly topic?: string;
}

type Part = 'key' | 'value';
const SHOWN_BYTES = 8;

export class DataChecks {
  readonly #core: RegistryCore;
  readonly #client: Kernel;

  constructor(core: RegistryCore, client: Kernel) {
    this.#core = core;
    this.#client = client;
  }

  /** Why the topic cannot be read with the schema: none, or the first record that breaks. Rejects with RegistryError 422. */
  async faults({ subject, parsed, records, topic: named }: DataQuestion): Promise<string[]> {
    const { topic, part } = placeOf(subject, named);
    const checks = new Map<StoredSchema, Promise<DataCheck>>();
    try {
      for await (const record of newestRecords(this.#client, topic, records)) {
        const fault = await this.#fault(record, { part, parsed, subject, checks });
        if (fault !== undefined) return [fault];
      }
    } catch (error) {
      if (error instanceof KafkaError) throw unprocessable(`The topic ${topic} cannot be read: ${error.message}`);
      throw error;
    }
    return [];
  }

  async #fault(
    record: PlacedRecord,
    how: {
      readonly part: Part;
      readonly parsed: ParsedSchema;
      readonly subject: string;
      readonly checks: Map<StoredSchema, Promise<DataCheck>>;
    },
  ): Promise<string | undefined> {
    const { part, parsed, subject, checks } = how;
    const bytes = record[part];
    // Nothing to read: a tombstone, or a record without key.
    if (bytes === null) return undefined;
    const frame = framed(bytes, part, record.headers);
    if (frame === undefined) return placed(record, part, `${guess(bytes)}; it begins with ${hex(bytes)}`);
    const writer = this.#writerOf(frame, subject);
    if (writer === undefined) return placed(record, part, `${named(frame)} is unknown here`);
    let check = checks.get(writer);
    if (check === undefined) checks.set(writer, (check = this.#checkOf(parsed, writer)));
    try {
      const { indexes, rest } =
        parsed.type === 'PROTOBUF' && frame.indexes === undefined
          ? splitIndexes(frame.payload)
          : { indexes: frame.indexes, rest: frame.payload };
      (await check)(rest, indexes);
      return undefined;
    } catch (error) {
      if (error instanceof DataError) return placed(record, part, `written with ${named(frame)}: ${error.message}`);
      throw error;
    }
  }

  async #checkOf(parsed: ParsedSchema, writer: StoredSchema): Promise<DataCheck> {
    const format = await this.#core.parser.format(parsed.type);
    if (writer.schemaType !== parsed.type) {
      return () => {
        throw new DataError(`that is a schema of type ${writer.schemaType}`);
      };
    }
    return format.dataCheck(parsed, await this.#core.parser.stored(writer));
  }

  #writerOf({ by }: Framed, subject: string): StoredSchema | undefined {
    const { state } = this.#core.store;
    return 'id' in by
      ? schemaOfId(state, by.id, prefixOfContext(qualified(subject).context))
      : schemaOfGuid(state, by.guid);
  }
}

/** Throws RegistryError 422 when the subject names no topic. */
function placeOf(subject: string, named: string | undefined): { readonly topic: string; readonly part: Part } {
  const { subject: name } = qualified(subject);
  const [, topic, part] = /^(.+)-(key|value)$/.exec(name) ?? [];
  if (named !== undefined) return { topic: named, part: part === 'key' ? 'key' : 'value' };
  if (topic === undefined) throw unprocessable(`The subject ${name} names no topic: say which one with topic=NAME`);
  return { topic, part: part as Part };
}

function placed({ topic, partition, offset }: PlacedRecord, part: Part, what: string): string {
  return `The ${part} of the record at offset ${offset} of partition ${partition} of ${topic} cannot be read: ${what}`;
}

function named({ by }: Framed): string {
  return 'id' in by ? `id ${by.id}` : `GUID ${by.guid}`;
}

/** What bytes without a schema's id most likely are. */
export function guess(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 64)).toString().trimStart();
  if (bytes.length === 0) return 'it is empty';
  if (/^[[{"]/.test(text)) return 'it looks like plain JSON, without magic byte and id';
  if (/^[\x20-\x7e\s]+$/.test(text)) return 'it looks like plain text, without magic byte and id';
  return 'it has neither magic byte and id nor a header with a GUID';
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex');
}
