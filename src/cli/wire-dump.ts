// `ottla wire-dump`: one frame as JSON, for whoever holds bytes from a capture, a log or a test. A request says itself
// what it is; for a response the API has to be given. The headers are read a second time by other packages (cross-read.ts).
import {
  codecOf,
  DecodeError,
  decodeRequestHeader,
  decodeResponseHeader,
  batchesOf,
  compression,
  isControl,
  isTransactional,
  magic,
  Reader,
  recordsOf,
  sizeInBytes,
} from '../protocol/index.ts';
import { allApis } from '../protocol/messages/index.ts';
import { nodeDisk } from '../runtime/node/index.ts';
import type { ApiSchema } from '../protocol/index.ts';
import type { WireDumpArguments } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { crossReadBatch, crossReadRequestHeader } from './cross-read.ts';

/** Files beyond this are not one frame. */
const LARGEST_FILE_BYTES = 128 * 1024 * 1024;

/** What the bytes cannot be; the message is the line that the user sees. */
class Unreadable extends Error {}

/** The exit code. */
export async function wireDump(options: WireDumpArguments, commandLine: CommandLine): Promise<number> {
  try {
    const frame = withoutSize(readInput(options.input));
    const dump = options.response === undefined ? dumpRequest(frame) : dumpResponse(frame, options.response);
    commandLine.print(`${JSON.stringify(dump, printable, 2)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Unreadable) && !(error instanceof DecodeError)) throw error;
    commandLine.complain(`ottla: ${error.message}\n`);
    return 1;
  }
}

function readInput(input: string): Buffer {
  const digits = input.replace(/\s+/g, '');
  if (/^([0-9a-fA-F]{2})+$/.test(digits)) return Buffer.from(digits, 'hex');
  const info = nodeDisk.infoSync(input);
  if (info === undefined || info.isDirectory) {
    throw new Unreadable(`${JSON.stringify(input)} is neither hexadecimal nor a file.`);
  }
  if (info.sizeBytes > LARGEST_FILE_BYTES) throw new Unreadable(`${input} is too large for one frame.`);
  const content = Buffer.from(nodeDisk.readFileSync(input));
  const text = content.toString('latin1').replace(/\s+/g, '');
  return /^([0-9a-fA-F]{2})+$/.test(text) ? Buffer.from(text, 'hex') : content;
}

/** Frames are taken with and without the four bytes of their size. */
function withoutSize(bytes: Buffer): Buffer {
  return bytes.length >= 4 && bytes.readInt32BE(0) === bytes.length - 4 ? bytes.subarray(4) : bytes;
}

function dumpRequest(frame: Buffer): object {
  if (frame.length < 8) throw new Unreadable('a request has at least 8 bytes.');
  const key = frame.readInt16BE(0);
  const version = frame.readInt16BE(2);
  const api = allApis.find((one) => one.key === key);
  if (api === undefined)
    throw new Unreadable(`no API has the key ${key}. If this is a response, say so: --response API.`);
  if (version < api.versions[0] || version > api.versions[1]) {
    throw new Unreadable(`${api.name} has versions ${api.versions.join(' to ')}, not ${version}.`);
  }
  const reader = new Reader(frame, 0, frame.length, { exact: true });
  const header = decodeRequestHeader(reader, key, version);
  const body = codecOf(api.request, version).decode(reader);
  const { requestApiKey, requestApiVersion, correlationId, clientId } = header;
  const own = { requestApiKey, requestApiVersion, correlationId, clientId };
  return {
    kind: 'request',
    api: api.name,
    header: own,
    headerReadByBinaryParser: agreement(own, crossReadRequestHeader(frame)),
    body,
    bytesLeftOver: reader.remaining,
  };
}

function dumpResponse(frame: Buffer, wanted: string): object {
  const [name = '', versionText] = wanted.split(':');
  const api = allApis.find((one) => one.name.toLowerCase() === name.toLowerCase() || String(one.key) === name);
  if (api === undefined) throw new Unreadable(`there is no API ${JSON.stringify(name)}.`);
  const [lowest, highest] = api.versions;
  if (versionText !== undefined) return responseOf(frame, api, Number(versionText));
  for (let version = highest; version >= lowest; version--) {
    const dump = tried(() => responseOf(frame, api, version));
    if (dump !== undefined && dump.bytesLeftOver === 0) return dump;
  }
  throw new Unreadable(`this is no ${api.name} response of any version.`);
}

function responseOf(frame: Buffer, api: ApiSchema, version: number): { bytesLeftOver: number } {
  const [lowest, highest] = api.versions;
  if (!(version >= lowest && version <= highest)) {
    throw new Unreadable(`${api.name} has versions ${lowest} to ${highest}; write ${api.name}:${highest}.`);
  }
  const reader = new Reader(frame, 0, frame.length, { exact: true });
  const correlationId = decodeResponseHeader(reader, api.key, version);
  const body = codecOf(api.response, version).decode(reader);
  return { kind: 'response', api: api.name, version, correlationId, body, bytesLeftOver: reader.remaining } as {
    bytesLeftOver: number;
  };
}

/** undefined when the bytes do not decode. */
function tried<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function agreement(own: object, other: object): unknown {
  const isEqual = JSON.stringify(own, printable) === JSON.stringify(other, printable);
  return isEqual ? 'agrees' : { disagrees: other };
}

/** For JSON.stringify: bigints as text, record batches opened, other bytes in hexadecimal. */
function printable(this: unknown, name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  // Buffers have a toJSON of their own, which has run by now: the holder still has the bytes.
  const raw = (this as Record<string, unknown>)[name];
  if (!(raw instanceof Uint8Array)) return value;
  return name === 'records' ? dumpBatches(Buffer.from(raw)) : Buffer.from(raw).toString('hex');
}

function dumpBatches(bytes: Buffer): unknown {
  const batches: unknown[] = [];
  let end = 0;
  for (const at of batchesOf(bytes)) {
    const batch = bytes.subarray(at, at + sizeInBytes(bytes, at));
    end = at + batch.length;
    batches.push(magic(batch) === 2 ? dumpBatch(batch) : { magic: magic(batch), bytes: batch.toString('hex') });
  }
  return end === bytes.length ? batches : [...batches, { incomplete: bytes.subarray(end).toString('hex') }];
}

function dumpBatch(batch: Buffer): object {
  const header = crossReadBatch(batch);
  const flags = {
    compression: compression(batch),
    isTransactional: isTransactional(batch),
    isControl: isControl(batch),
  };
  if (flags.compression !== 0) return { ...header, ...flags };
  const records = [...recordsOf(batch)].map(({ offset, timestamp, key, value, headers }) => {
    return {
      offset,
      timestamp,
      key: text(key),
      value: text(value),
      headers: headers.map((one) => ({ key: one.key, value: text(one.value) })),
    };
  });
  return { ...header, ...flags, records };
}

/** Bytes as text when they are readable, else in hexadecimal. */
function text(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  const decoded = Buffer.from(bytes).toString('utf8');
  return /^[\P{C}\n\t]*$/u.test(decoded) && !decoded.includes('\ufffd')
    ? decoded
    : `0x${Buffer.from(bytes).toString('hex')}`;
}
