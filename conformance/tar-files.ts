// The files of a tar archive, and when each was last changed; enough of the format for the archives of the judges.
import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const SIZE_AT = 124;
const MODIFIED_AT = 136;
const NUMBER_BYTES = 12;
const KIND_AT = 156;
const PREFIX_AT = 345;
const PREFIX_BYTES = 155;
const PLAIN_FILE = '0';

export interface TarFile {
  readonly content: Buffer;
  readonly modifiedMs: number;
}

/** By path, without a leading `./`. `packed`: gzip. */
export function tarFiles(packed: Uint8Array): Map<string, TarFile> {
  const bytes = gunzipSync(packed);
  const files = new Map<string, TarFile>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK_BYTES <= bytes.length && bytes[at] !== 0; ) {
    const size = number(bytes, at + SIZE_AT);
    const content = bytes.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size);
    const kind = String.fromCharCode(bytes[at + KIND_AT] as number);
    const prefix = text(bytes, at + PREFIX_AT, PREFIX_BYTES);
    const name = longName ?? (prefix === '' ? '' : `${prefix}/`) + text(bytes, at, NAME_BYTES);
    longName = kind === 'L' ? content.toString('utf8').replace(/\0+$/, '') : undefined;
    if (kind === PLAIN_FILE || kind === '\0') {
      files.set(name.replace(/^\.\//, ''), { content, modifiedMs: number(bytes, at + MODIFIED_AT) * 1000 });
    }
    at += BLOCK_BYTES * (1 + Math.ceil(size / BLOCK_BYTES));
  }
  return files;
}

const text = (bytes: Buffer, at: number, length: number): string =>
  bytes.toString('utf8', at, at + length).replace(/\0.*$/s, '');

const number = (bytes: Buffer, at: number): number => Number.parseInt(text(bytes, at, NUMBER_BYTES).trim(), 8) || 0;
