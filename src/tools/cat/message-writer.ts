// Writes what `ottla cat` has consumed, as it was asked to.
import type { ToolRecord } from '../tool-record.ts';
import type { CatContext } from './cat-context.ts';
import type { Serdes } from './cat-options.ts';
import { messageEnvelope } from './json-envelope.ts';
import { type FieldForm, FormatError, formattedMessage, type MessageFormatOptions } from './message-format.ts';

export class MessageWriter {
  readonly #context: CatContext;
  readonly #options: MessageFormatOptions;
  /** Behind each line of JSON. */
  readonly #end: Buffer;
  #count = 0;

  constructor(context: CatContext) {
    const { serdes, isNullForEmpty, pieces } = context.options;
    this.#context = context;
    this.#end = Buffer.isBuffer(pieces[0]) ? pieces[0] : Buffer.alloc(0);
    this.#options = {
      nullText: isNullForEmpty ? 'NULL' : undefined,
      key: formOf(serdes.key),
      value: formOf(serdes.value),
    };
  }

  /** Messages that were written. */
  get count(): number {
    return this.#count;
  }

  /** Throws CatFailure for one that cannot be formatted, unless errors are gone on after. */
  async write(record: ToolRecord): Promise<void> {
    const { io, options } = this.#context;
    const bytes = options.isJson ? this.#json(record) : this.#formatted(record);
    this.#count += 1;
    if (!io.stdout.write(bytes)) await io.stdout.drained();
  }

  #json(record: ToolRecord): Buffer {
    const brokerId = this.#context.client.topics.leaderOf(record.topic, record.partition)?.nodeId ?? -1;
    return Buffer.concat([messageEnvelope(record, { brokerId }), this.#end]);
  }

  #formatted(record: ToolRecord): Buffer {
    try {
      return formattedMessage(this.#context.options.pieces, record, this.#options);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#context.io.stdout.write(error.written);
      const { topic, partition, offset } = record;
      this.#context.error(`Failed to format message in ${topic} [${partition}] at offset ${offset}: ${error.message}`);
      return Buffer.alloc(0);
    }
  }
}

function formOf(serdes: Serdes | undefined): FieldForm {
  return serdes !== undefined && 'pack' in serdes ? { pack: serdes.pack } : undefined;
}
