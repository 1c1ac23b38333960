// Recorded exchanges of Apache Kafka put to single handlers: the request as it was sent, the answer after masking.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { canonical, differences, maskedNames } from '../../conformance/transcripts/compare.ts';
import { type Line, readLines } from '../../conformance/transcripts/line.ts';
import { decodeRequest, decodeResponse } from '../../conformance/transcripts/wire.ts';
import { ConnectionState, type Handler, type RequestContext } from '../../src/api-handlers/handler.ts';
import { ConnectionSession } from '../../src/broker/network/session.ts';
import { failureOf } from '../../src/api-handlers/index.ts';
import { codecOf, type Fields, Writer } from '../../src/protocol/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';

const FILE = new URL('../fixtures/transcripts.jsonl.gz', import.meta.url);

let lines: readonly Line[] | undefined;

/** The recorded lines with these ids, in their order. */
export function recorded(ids: RegExp): Line[] {
  lines ??= readLines(FILE.pathname);
  const found = lines.filter(({ id }) => ids.test(id));
  if (found.length === 0) throw new Error(`no recorded line ${String(ids)}`);
  return found;
}

/** The settings that the recorded broker ran with. */
export function recordedSettings(): Map<string, string> {
  const text = readFileSync(new URL('../fixtures/transcripts.server.properties', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((row) => row.includes('='));
  return new Map(rows.map((row) => [row.slice(0, row.indexOf('=')), row.slice(row.indexOf('=') + 1)]));
}

export function contextOf(apiKey: number, apiVersion: number, remoteAddress = '127.0.0.1'): RequestContext {
  return {
    apiKey,
    apiVersion,
    correlationId: 1,
    clientId: 'probe',
    receivedAtMs: 0,
    session: new ConnectionSession({
      listenerName: 'PLAINTEXT',
      securityProtocol: 'PLAINTEXT',
      socket: { remoteAddress, remotePort: 40000, localAddress: '127.0.0.1', localPort: 21092 },
    }),
    connection: new ConnectionState(1),
  };
}

/** Sends `request` (decoded) to the handler and gives its answer after a walk over the wire. */
export async function answerOf<Q extends Fields, S extends Fields>(
  handler: Handler<Q, S>,
  version: number,
  request: object,
): Promise<Record<string, unknown>> {
  const context = contextOf(handler.api.key, version);
  let outcome: unknown;
  try {
    outcome = await handler.handle(request as never, context);
  } catch (error) {
    outcome = failureOf(handler, request as never, error, context, silentLogger);
  }
  const isKnown = version >= handler.api.versions[0] && version <= handler.api.versions[1];
  const codec = codecOf(handler.api.response, isKnown ? version : 0);
  const writer = new Writer();
  codec.encode(writer, outcome as never);
  const header = Buffer.alloc(4);
  const flexible = handler.api.key !== 18 && codec.flexible ? Buffer.of(0) : Buffer.alloc(0);
  return decodeResponse(
    handler.api as never,
    isKnown ? version : 0,
    Buffer.concat([header, flexible, ...writer.finish()]),
  ).body;
}

/** Puts a recorded request to the handler and expects the recorded answer. `patch` may replace ids in the request. */
export async function expectRecorded<Q extends Fields, S extends Fields>(
  handler: Handler<Q, S>,
  line: Line,
  patch: (request: Record<string, unknown>) => void = () => undefined,
): Promise<void> {
  const frame = Buffer.from(line.requestHex ?? '', 'hex');
  const isKnown = line.version >= handler.api.versions[0] && line.version <= handler.api.versions[1];
  const request = isKnown ? decodeRequest(handler.api as never, line.version, frame).body : {};
  patch(request);
  const answer = await answerOf(handler, line.version, request);
  const expected = decodeResponse(
    handler.api as never,
    isKnown ? line.version : 0,
    Buffer.from(line.responseHex ?? '', 'hex'),
  ).body;
  const masks = maskedNames(line.masks);
  expect(differences(canonical(expected, masks), canonical(answer, masks)), line.id).to.deep.equal([]);
}
