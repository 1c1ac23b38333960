// From what was fetched to what is handed out: records are read from the answers, then their keys and values are decoded. Nothing is
// awaited where nothing takes time. What cannot be decoded fails the reading, is passed over, or goes to a topic of dead letters.
import { InvalidRecordError, CompressionError, CorruptRecordError } from '../../protocol/index.ts';
import type { Logger } from '../../runtime/index.ts';
import { ClientError, SerializationError } from '../errors.ts';
import type { Deserializer, RecordHeader } from '../serializers.ts';
import type { ConsumedRecord, RawRecord } from './consumed-record.ts';
import { prepareCodec } from './fetched-chunk.ts';
import type { PartitionState } from './partition-state.ts';

/** Where a record that cannot be decoded is taken. Rejects when it cannot be written there. */
export type DeadLetters = (record: RawRecord, error: unknown, stage: 'key' | 'value') => Promise<void>;

export interface DecoderOptions {
  readonly key: Deserializer<unknown> | undefined;
  readonly value: Deserializer<unknown> | undefined;
  readonly onDecodeError: 'fail' | 'skip' | DeadLetters;
  readonly logger: Logger;
  /** Something has become ready, or a reason why not. */
  readonly news: () => void;
}

export type Decoded = ConsumedRecord<unknown, unknown>;

export class DecodeFailure {
  readonly cause: unknown;
  readonly stage: 'key' | 'value';

  constructor(cause: unknown, stage: 'key' | 'value') {
    this.cause = cause;
    this.stage = stage;
  }
}

/** Keys and values of single records. */
export class RecordDecoder {
  readonly #key: Deserializer<unknown> | undefined;
  readonly #value: Deserializer<unknown> | undefined;

  constructor(key: Deserializer<unknown> | undefined, value: Deserializer<unknown> | undefined) {
    this.#key = key;
    this.#value = value;
  }

  /** Nothing is decoded. */
  get isPlain(): boolean {
    return this.#key === undefined && this.#value === undefined;
  }

  /** At once where nothing takes time. Neither throws nor rejects. */
  decode(record: RawRecord): Decoded | DecodeFailure | Promise<Decoded | DecodeFailure> {
    const { topic } = record;
    const headers = record.headers as RecordHeader[];
    let key: unknown = record.key;
    let value: unknown = record.value;
    try {
      if (this.#key !== undefined) {
        key = this.#key.deserialize(record.key, { topic, isKey: true, headers });
      }
    } catch (error) {
      return new DecodeFailure(error, 'key');
    }
    try {
      if (this.#value !== undefined) {
        value = this.#value.deserialize(record.value, { topic, isKey: false, headers });
      }
    } catch (error) {
      return new DecodeFailure(error, 'value');
    }
    if (isPromise(key) || isPromise(value)) return decodeLater(record, key, value);
    return decodedAs(record, key, value);
  }
}

export class Decoder {
  readonly #options: DecoderOptions;
  readonly #records: RecordDecoder;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#records = new RecordDecoder(options.key, options.value);
  }

  /** Makes up to `most` records of the partition ready: at once where that can be, else `news` tells. */
  prepare(state: PartitionState, most: number): void {
    if (state.isDecoding || state.hasReady) return;
    const codec = readRaw(state, most);
    if (codec !== undefined) return this.#later(state, prepareCodec(codec));
    if (state.raw.length === 0) return state.settlePosition();
    if (this.#records.isPlain) {
      state.ready = state.raw;
      state.raw = [];
      return undefined;
    }
    return this.#decode(state);
  }

  #decode(state: PartitionState): void {
    const { raw } = state;
    const decoded: (Decoded | Promise<Decoded | DecodeFailure> | DecodeFailure)[] = [];
    let isReady = true;
    for (const record of raw) {
      const one = this.#records.decode(record);
      if (one instanceof Promise || one instanceof DecodeFailure) isReady = false;
      decoded.push(one);
    }
    if (isReady) {
      state.ready = decoded as Decoded[];
      state.sources = raw;
      state.raw = [];
      return;
    }
    this.#later(state, this.#settle(state, state.version, decoded));
  }

  /** Takes what has been decoded, up to what fails for good. */
  async #settle(
    state: PartitionState,
    version: number,
    decoded: readonly (Decoded | DecodeFailure | Promise<Decoded | DecodeFailure>)[],
  ): Promise<void> {
    const { raw } = state;
    const ready: Decoded[] = [];
    const sources: RawRecord[] = [];
    let failure: unknown;
    let index = 0;
    // Promises behind one that fails must not reject unheard: none of them does.
    for (; index < decoded.length && failure === undefined; index++) {
      const one = await decoded[index];
      if (one instanceof DecodeFailure) {
        failure = await this.#handle(raw[index] as RawRecord, one);
        if (failure !== undefined) break;
      } else {
        ready.push(one as Decoded);
        sources.push(raw[index] as RawRecord);
      }
    }
    if (state.version !== version || state.isGone) return;
    state.ready = ready;
    state.readyAt = 0;
    state.sources = sources;
    // Behind a failure everything is fetched again, from wherever the program seeks to.
    state.raw = [];
    state.failure = failure ?? state.failure;
    if (ready.length === 0 && failure === undefined) state.settlePosition();
  }

  /** undefined: the record is passed over. */
  async #handle(record: RawRecord, { cause, stage }: DecodeFailure): Promise<unknown> {
    const { onDecodeError, logger } = this.#options;
    const { topic, partition, offset } = record;
    const place = `${topic}-${partition} at offset ${offset}`;
    if (onDecodeError === 'fail') {
      return new SerializationError(`The ${stage} of ${place} cannot be decoded; seek past it to go on`, cause);
    }
    const fields = { topic, partition, offset, stage, reason: String(cause) };
    logger.log('warn', 'passed over a record that cannot be decoded', fields);
    if (onDecodeError === 'skip') return undefined;
    try {
      await onDecodeError(record, cause, stage);
      return undefined;
    } catch (error) {
      return new SerializationError(`${place} can neither be decoded nor written to the topic of dead letters`, error);
    }
  }

  #later(state: PartitionState, work: Promise<void>): void {
    state.isDecoding = true;
    void work.finally(() => {
      state.isDecoding = false;
      this.#options.news();
    });
  }
}

/** Fills `raw`. Resolves with a codec that has to be loaded first. */
function readRaw(state: PartitionState, most: number): number | undefined {
  while (state.raw.length === 0 && state.failure === undefined) {
    const chunk = state.chunks[0];
    if (chunk === undefined) return undefined;
    if (chunk.missingCodec !== undefined && !chunk.hasTriedCodec) {
      chunk.hasTriedCodec = true;
      return chunk.missingCodec;
    }
    try {
      chunk.readInto(state.raw, most);
    } catch (error) {
      state.failure = corrupt(state, chunk.readOffset, error);
      return undefined;
    }
    if (chunk.isDone) {
      state.chunks.shift();
      state.bufferedBytes -= chunk.bytes.length;
    }
  }
  return undefined;
}

function corrupt(state: PartitionState, offset: number, error: unknown): unknown {
  const isOfTheBytes =
    error instanceof InvalidRecordError || error instanceof CorruptRecordError || error instanceof CompressionError;
  if (!isOfTheBytes) return error;
  return new ClientError(`${state.name} cannot be read from offset ${offset} on: ${error.message}`, {
    code: 'CORRUPT_MESSAGE',
    advice: 'Seek past the offset to go on; what is there is lost unless another replica has it whole.',
    cause: error,
  });
}

async function decodeLater(record: RawRecord, key: unknown, value: unknown): Promise<Decoded | DecodeFailure> {
  const [keyOutcome, valueOutcome] = await Promise.allSettled([key, value]);
  if (keyOutcome.status === 'rejected') return new DecodeFailure(keyOutcome.reason, 'key');
  if (valueOutcome.status === 'rejected') return new DecodeFailure(valueOutcome.reason, 'value');
  return decodedAs(record, keyOutcome.value, valueOutcome.value);
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

function decodedAs(record: RawRecord, key: unknown, value: unknown): Decoded {
  const decoded = {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    leaderEpoch: record.leaderEpoch,
    timestamp: record.timestamp,
    timestampType: record.timestampType,
    key,
    value,
    headers: record.headers,
    keySize: record.keySize,
    valueSize: record.valueSize,
  };
  return record.batch === undefined ? decoded : { ...decoded, batch: record.batch };
}
