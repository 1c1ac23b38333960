// An OAuth provider on a free port: it lists its keys, and gives tokens to whoever knows the secret.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keyText, signedToken } from './keys.ts';

type Answer = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>];

export class OAuthProvider {
  readonly #server: Server;
  /** Paths that were asked for, in their order. */
  readonly asked: string[] = [];
  /** What its keys are answered with. */
  keys: Answer = [200, keyText('jwks.json')];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      const [status, body, headers] = this.#answer(request.url ?? '', request.headers.authorization ?? '');
      response.writeHead(status, headers).end(body);
    });
  }

  static async open(): Promise<OAuthProvider> {
    const provider = new OAuthProvider();
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get keysUrl(): string {
    return this.#url('/keys');
  }
  get tokenUrl(): string {
    return this.#url('/token');
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  #answer(path: string, authorization: string): Answer {
    if (path === '/keys') return this.keys;
    const [user, secret] = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':');
    if (path !== '/token' || secret !== 'provider-secret') return [401, '{}'];
    return [200, JSON.stringify({ access_token: signedToken({ sub: user }), token_type: 'Bearer' })];
  }
}
