// Unpacks a data directory of Apache Kafka (tar.gz, GNU long names) into a Disk. Preallocated index files are mostly
// zeros: trailing zeros become a hole.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Disk } from '../../src/runtime/index.ts';

const BLOCK = 512;

/** `<folder>/…` in the archive becomes `<root>/…`. */
export function unpack(archive: URL, disk: Disk, root: string, folder = 'data'): void {
  const bytes = gunzipSync(readFileSync(archive));
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const sizeBytes = Number.parseInt(text(bytes, at + 124, 12), 8) || 0;
    const type = String.fromCharCode(bytes[at + 156] as number);
    const name = longName ?? fullName(bytes, at);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + sizeBytes);
    at += BLOCK + Math.ceil(sizeBytes / BLOCK) * BLOCK;
    longName = type === 'L' ? text(content, 0, content.length) : undefined;
    if (!name.startsWith(`${folder}/`) || (type !== '0' && type !== '5')) continue;
    const path = `${root}/${name.slice(folder.length + 1)}`.replace(/\/$/, '');
    if (type === '5') disk.makeDirectorySync(path);
    else store(disk, path, content);
  }
}

function fullName(bytes: Uint8Array, at: number): string {
  const prefix = text(bytes, at + 257, 5) === 'ustar' && bytes[at + 262] === 0 ? text(bytes, at + 345, 155) : '';
  const name = text(bytes, at, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function text(bytes: Uint8Array, at: number, length: number): string {
  const end = bytes.indexOf(0, at);
  return Buffer.from(bytes.subarray(at, end < 0 ? at + length : Math.min(end, at + length)))
    .toString('utf8')
    .trim();
}

function store(disk: Disk, path: string, content: Uint8Array): void {
  let end = content.length;
  while (end > 0 && content[end - 1] === 0) end--;
  const file = disk.openSync(path, 'create');
  if (end > 0) file.writevSync([Uint8Array.from(content.subarray(0, end))], 0);
  file.truncateSync(content.length);
  file.closeSync();
}
