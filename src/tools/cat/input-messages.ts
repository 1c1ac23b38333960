// What `ottla cat -P` reads: messages from a stream, cut at the delimiter, keys cut off at theirs.
import { CatFailure } from './cat-failure.ts';

export interface InputMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** As it was read, key and all. */
  readonly whole: Buffer;
}

export interface InputOptions {
  /** Not empty. */
  readonly delimiter: Buffer;
  readonly keyDelimiter: Buffer | undefined;
  readonly fixedKey: string | undefined;
  readonly isNullForEmpty: boolean;
  readonly largestBytes: number;
}

/** Empty messages are left out. Throws CatFailure for one that is too large. */
export async function* inputMessages(
  input: AsyncIterable<Uint8Array>,
  options: InputOptions,
): AsyncGenerator<InputMessage, void> {
  for await (const whole of delimited(input, options)) {
    if (whole.length > 0) yield messageOf(whole, options);
  }
}

async function* delimited(
  input: AsyncIterable<Uint8Array>,
  { delimiter, largestBytes }: InputOptions,
): AsyncGenerator<Buffer, void> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    // Pieces are joined when a delimiter may be whole: long messages are not copied once for each piece.
    if (delimiter.length === 1 && !chunk.includes(delimiter[0] as number)) {
      checkSize(size, largestBytes);
      continue;
    }
    let rest = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    for (let end = rest.indexOf(delimiter); end !== -1; end = rest.indexOf(delimiter)) {
      checkSize(end, largestBytes);
      yield rest.subarray(0, end);
      rest = rest.subarray(end + delimiter.length);
    }
    chunks = rest.length === 0 ? [] : [rest];
    size = rest.length;
    checkSize(size, largestBytes + delimiter.length);
  }
  if (size > 0) yield Buffer.concat(chunks);
}

function checkSize(size: number, largestBytes: number): void {
  if (size > largestBytes) throw new CatFailure(`Input is too large, maximum size is ${largestBytes}`);
}

function messageOf(whole: Buffer, { keyDelimiter, fixedKey, isNullForEmpty }: InputOptions): InputMessage {
  const defaultKey = fixedKey === undefined ? null : Buffer.from(fixedKey);
  const end = keyDelimiter === undefined || keyDelimiter.length === 0 ? -1 : whole.indexOf(keyDelimiter);
  if (keyDelimiter === undefined || end === -1) return { key: defaultKey, value: whole, whole };
  const orNull = (bytes: Buffer): Buffer | null => (bytes.length === 0 && isNullForEmpty ? null : bytes);
  const key = orNull(whole.subarray(0, end));
  return { key: key ?? defaultKey, value: orNull(whole.subarray(end + keyDelimiter.length)), whole };
}
