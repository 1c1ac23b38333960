// An OAuth provider on a free port, of the kind that librdkafka's 0126 is written for: tokens for a client id and secret (RFC 6749, 4.4),
// for an assertion that is signed with a key it knows (RFC 7523), and for a virtual machine that asks as Azure's do. Its tokens are signed
// with the throw-away key that the broker's JWKS lists.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { KEYS } from '../transcripts/login-target.ts';

export const CLIENT = { id: '123', secret: 'abc' } as const;
const LIFETIME_S = 3600;
const KNOWN_SCOPE = 'test';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const KEY = createPrivateKey(readFileSync(join(KEYS, 'jwt-rsa.pem')));

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** With what its clients sign their assertions, in PKCS #8; encrypted where there is a password. */
export function assertionKey(password?: string): string {
  const plain = { type: 'pkcs8', format: 'pem' } as const;
  const how = password === undefined ? plain : { ...plain, cipher: 'aes-256-cbc', passphrase: password };
  return KEY.export(how) as string;
}

export class OidcProvider {
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#token(request).then((token) => {
        const body = token === undefined ? { error: 'invalid_request' } : { access_token: token, token_type: 'Bearer' };
        response.writeHead(token === undefined ? 400 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(token === undefined ? body : { ...body, expires_in: LIFETIME_S }));
      });
    });
  }

  static async open(): Promise<OidcProvider> {
    const provider = new OidcProvider();
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  /** `/token`; `/expired` gives tokens that are past their time, and `/invalid` none that is any good. */
  url(path: 'token' | 'expired' | 'invalid'): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${path}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** undefined: the request is refused. */
  async #token(request: IncomingMessage): Promise<string | undefined> {
    const url = new URL(request.url ?? '/', 'http://provider');
    if (url.pathname === '/invalid') return 'no.token.atall';
    const ageS = url.pathname === '/expired' ? 2 * LIFETIME_S : 0;
    if (request.method === 'GET') return isFromMachine(request, url.searchParams) ? token('machine', 0) : undefined;
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    const scope = form.get('scope') ?? KNOWN_SCOPE;
    if (scope !== KNOWN_SCOPE) return undefined;
    const subject = form.get('grant_type') === JWT_BEARER ? subjectOf(form.get('assertion') ?? '') : clientOf(request);
    return subject === undefined ? undefined : token(subject, ageS);
  }
}

function isFromMachine({ headers }: IncomingMessage, query: URLSearchParams): boolean {
  return headers['metadata'] === 'true' && ['api-version', 'resource', 'client_id'].every((name) => query.has(name));
}

function clientOf({ headers }: IncomingMessage): string | undefined {
  const encoded = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  const isRight = Buffer.from(encoded, 'base64').toString() === `${CLIENT.id}:${CLIENT.secret}`;
  return isRight ? CLIENT.id : undefined;
}

/** undefined: it is not signed by the key that this provider knows, in the way that the key is for. */
function subjectOf(assertion: string): string | undefined {
  const [head = '', claims = '', signature = ''] = assertion.split('.');
  const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { readonly alg?: string };
  if (alg !== 'RS256') return undefined;
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('sha256', signed, createPublicKey(KEY), Buffer.from(signature, 'base64url'))) return undefined;
  const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly sub?: string };
  return sub;
}

function token(subject: string, ageS: number): string {
  const issuedS = Math.floor(Date.now() / 1000) - ageS;
  const of = { sub: subject, client_id: subject, iss: 'https://issuer.test', aud: 'ottla' };
  const claims = { ...of, iat: issuedS, exp: issuedS + LIFETIME_S };
  const signed = `${base64({ alg: 'RS256', kid: 'throw-away-rsa-0' })}.${base64(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), KEY).toString('base64url')}`;
}
