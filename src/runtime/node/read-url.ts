// Fetches small texts of http: and https: URLs; loaded when the first is asked for.
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';

const LARGEST_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;

export function readUrl(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getSecure : getPlain;
    const request = get(url, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'application/json' } });
    request.on('error', reject);
    request.on('response', (response) => {
      if (response.statusCode === 200) return readBody(response).then(resolve, reject);
      request.destroy();
      reject(new Error(`the answer has status ${response.statusCode}`));
    });
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_BYTES) throw new Error('the answer is longer than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
