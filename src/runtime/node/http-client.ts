// node:http and node:https as the port of http-client.ts; connections stay open between calls, for as long as the client does.
import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { HttpCall, HttpClient, HttpReply, HttpTls } from '../http-client.ts';

const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;
const MOST_SOCKETS = 8;

export function nodeHttpClient(tls: HttpTls = {}): HttpClient {
  const kept = { keepAlive: true, maxSockets: MOST_SOCKETS };
  const plain = new PlainAgent(kept);
  const secure = new SecureAgent({ ...kept, ...tlsOptions(tls) });
  return {
    call: (call) =>
      call.url.startsWith('https:') ? exchange(secureRequest, secure, call) : exchange(plainRequest, plain, call),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

function tlsOptions({ ca, cert, key, passphrase, rejectUnauthorized }: HttpTls) {
  const bytes = (value: string | Uint8Array | undefined) =>
    value === undefined || typeof value === 'string' ? value : Buffer.from(value);
  return {
    ...(ca !== undefined && { ca: bytes(ca) }),
    ...(cert !== undefined && { cert: bytes(cert) }),
    ...(key !== undefined && { key: bytes(key) }),
    ...(passphrase !== undefined && { passphrase }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

function exchange(
  request: typeof plainRequest | typeof secureRequest,
  agent: PlainAgent | SecureAgent,
  { method, url, headers, body, timeoutMs }: HttpCall,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request(url, { method, agent, headers: { ...headers, ...length }, signal });
    sent.on('error', (error) => reject(signal.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error));
    sent.on('response', (response) => {
      readAll(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject);
    });
    sent.end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_ANSWER_BYTES) throw new Error(`the answer is longer than ${LARGEST_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
