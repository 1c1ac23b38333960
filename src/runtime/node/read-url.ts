// Fetches small texts of http: and https: URLs; loaded when the first is asked for.
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { UrlPost } from '../read-url.ts';

const LARGEST_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;

export function readUrl(url: string, post?: UrlPost): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? requestSecure : requestPlain;
    const headers = {
      accept: 'application/json',
      ...(post !== undefined && { ...post.headers, 'content-length': Buffer.byteLength(post.body) }),
    };
    const method = post === undefined ? 'GET' : 'POST';
    const asked = request(url, { method, signal: AbortSignal.timeout(TIMEOUT_MS), headers });
    asked.on('error', reject);
    asked.on('response', (response) => {
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) return readBody(response).then(resolve, reject);
      asked.destroy();
      reject(new Error(`the answer has status ${statusCode}`));
    });
    asked.end(post?.body);
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
