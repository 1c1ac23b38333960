// Pages over HTTP: long ones go out as they are taken, and end with whoever asked.
import { expect } from 'chai';
import { get } from 'node:http';
import type { HttpServer } from '../../src/runtime/index.ts';
import { serveHttp } from '../../src/runtime/node/http-server.ts';

describe('the HTTP server', () => {
  let made = 0;
  let server: HttpServer;
  const piece = 'x'.repeat(64 * 1024);

  async function* pieces(): AsyncGenerator<string> {
    for (made = 0; made < 400; made++) yield await Promise.resolve(piece);
  }

  before(async () => {
    server = await serveHttp({ host: '127.0.0.1', port: 0 }, () => {
      return { status: 200, contentType: 'text/plain', body: pieces() };
    });
  });

  after(() => server.close());

  it('sends all of a long page, and leaves no listeners on its way', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    const answer = await fetch(`http://127.0.0.1:${server.port}/`);
    expect((await answer.text()).length).to.equal(400 * piece.length);
    process.off('warning', warned);
    expect(warnings).to.deep.equal([]);
  });

  it('makes no more of a page than is taken', async () => {
    await new Promise<void>((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port: server.port }, (response) => {
        response.once('readable', () => {
          request.destroy();
          resolve();
        });
      });
      request.once('error', reject);
    });
    expect(made).to.be.below(400);
  });
});
