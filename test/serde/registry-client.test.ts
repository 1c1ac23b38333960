// The registry's client against a registry that is made of a table: addresses that fail, one question for many, limits.
import { expect } from 'chai';
import type { HttpCall, HttpClient, HttpReply } from '../../src/runtime/index.ts';
import { PromiseCache } from '../../src/serde/promise-cache.ts';
import type { Serializer } from '../../src/client/index.ts';
import { avro, type RegistryClientOptions, registryClient, RegistryError } from '../../src/serde/index.ts';

type Answer = (call: HttpCall) => HttpReply | Promise<HttpReply>;

function fake(answer: Answer): {
  http: HttpClient;
  calls: HttpCall[];
  pauses: number[];
  options: RegistryClientOptions;
} {
  const calls: HttpCall[] = [];
  const pauses: number[] = [];
  const http: HttpClient = {
    call: async (call) => {
      calls.push(call);
      return answer(call);
    },
    close: () => undefined,
  };
  const clock = {
    wallMs: () => 0,
    monotonicMs: () => time.ms,
    schedule: (delayMs: number, action: () => void) => {
      pauses.push(delayMs);
      queueMicrotask(action);
      return { cancel: () => undefined };
    },
  } as unknown as NonNullable<NonNullable<RegistryClientOptions['world']>['clock']>;
  const random = { next: () => 0, bytes: (size: number) => new Uint8Array(size) };
  return { http, calls, pauses, options: { world: { http, clock, random } } };
}

/** Milliseconds of the clock, which goes on when a test says so. */
const time = { ms: 0 };

const ok = (body: unknown): HttpReply => ({ status: 200, body: JSON.stringify(body) });
const schema = { schema: '"string"' };

describe('a client of a schema registry', () => {
  it('asks once for an id, however many wait, and never again', async () => {
    const { calls, options } = fake(() => ok(schema));
    const client = registryClient('http://a', options);
    await Promise.all(Array.from({ length: 50 }, () => client.schemaById(7)));
    await client.schemaById(7);
    expect(calls.map(({ url }) => url)).eql(['http://a/schemas/ids/7']);
  });

  it('is asked again for the latest version when what was found is old', async () => {
    let version = 0;
    const { calls, options } = fake(() => ok({ ...schema, subject: 't-value', version: ++version, id: version }));
    const client = registryClient('http://a', options);
    const context = { topic: 't', isKey: false, headers: [] };
    const idOf = async (serde: Serializer<string>) => (await serde.serialize('x', context))?.[4];
    const [kept, renewed] = [{}, { latestTtlMs: 1000 }].map((how) => avro<string>(client, { useLatest: true, ...how }));
    expect([await idOf(kept as never), await idOf(renewed as never)]).eql([1, 2]);
    time.ms += 999;
    expect([await idOf(kept as never), await idOf(renewed as never)]).eql([1, 2]);
    time.ms += 1;
    expect([await idOf(kept as never), await idOf(renewed as never)]).eql([1, 3]);
    const many = await Promise.all(Array.from({ length: 10 }, () => idOf(renewed as never)));
    expect([many, calls.length]).eql([Array.from({ length: 10 }, () => 3), 3]);
  });

  it('asks again for what failed', async () => {
    let answers = 0;
    const { options } = fake(() =>
      answers++ === 0 ? { status: 404, body: '{"error_code":40403,"message":"Schema 7 not found"}' } : ok(schema),
    );
    const client = registryClient('http://a', options);
    const error = await client.schemaById(7).catch((reason: unknown) => reason);
    expect(error).instanceOf(RegistryError);
    expect(error).include({ status: 404, errorCode: 40403, retriable: false });
    expect((error as RegistryError).message).equal('The schema registry http://a says: Schema 7 not found (40403)');
    expect((await client.schemaById(7)).schema).equal('"string"');
  });

  it('goes to the next address when one fails or is in trouble, and stays there', async () => {
    const { calls, options } = fake(({ url }) => {
      if (url.startsWith('http://a')) throw new Error('ECONNREFUSED');
      return url.startsWith('http://b') ? { status: 503, body: '' } : ok(schema);
    });
    const client = registryClient(['http://a', 'http://b', 'http://c/base/'], options);
    await client.schemaById(1);
    await client.schemaById(2);
    expect(calls.map(({ url }) => url)).eql([
      'http://a/schemas/ids/1',
      'http://b/schemas/ids/1',
      'http://c/base/schemas/ids/1',
      'http://c/base/schemas/ids/2',
    ]);
  });

  it('gives up after its rounds, with pauses that grow, and says whom it asked', async () => {
    const { calls, pauses, options } = fake(() => ({ status: 500, body: 'no JSON' }));
    const error = await registryClient('http://u:secret@a', options)
      .subjects()
      .catch((reason: unknown) => reason);
    expect(calls.length).equal(4);
    expect(pauses).eql([50, 100, 200]);
    expect((error as RegistryError).message).equal(
      'The schema registry http://a says: the answer has status 500 (500)',
    );
    expect(String(error)).not.contains('secret');
  });

  it('does not repeat what is wrong', async () => {
    const { calls, options } = fake(() => ({ status: 409, body: '{"error_code":409,"message":"incompatible"}' }));
    const error = await registryClient('http://a', options)
      .register('s', schema)
      .catch((reason: unknown) => reason);
    expect(calls.length).equal(1);
    expect((error as RegistryError).advice).contains('compatible');
  });

  it('shows its password or token', async () => {
    const { calls, options } = fake(() => ok([]));
    await registryClient('http://me:p%40ss@a', options).subjects();
    await registryClient('http://a', { ...options, auth: { username: 'me', password: 'x' } }).subjects();
    await registryClient('http://a', { ...options, auth: { token: () => Promise.resolve('t') } }).subjects();
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(calls.map(({ headers }) => headers['authorization'])).eql([basic('me:p@ss'), basic('me:x'), 'Bearer t']);
    expect(calls[0]?.url).equal('http://a/subjects');
  });

  it('escapes subjects, and refuses GUIDs and addresses that are none', async () => {
    const { calls, options } = fake(() => ok({ id: 1 }));
    const client = registryClient('http://a', options);
    await client.register('a/../b?c', schema, { normalize: true });
    expect(calls[0]?.url).equal('http://a/subjects/a%2F..%2Fb%3Fc/versions?normalize=true');
    expect(() => client.schemaByGuid('../x')).throw('is no GUID');
    expect(() => registryClient('localhost:8081')).throw('no http: or https: address');
  });

  it('does nothing more when it is closed', async () => {
    const client = registryClient('http://a', fake(() => ok([])).options);
    client.close();
    expect(await client.subjects().catch((error: unknown) => String(error))).contains('is closed');
  });

  it('keeps what was used last', async () => {
    const made: string[] = [];
    const cache = new PromiseCache<string>(2);
    const get = (key: string) => cache.get(key, async () => (made.push(key), key));
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
    expect(made).eql(['a', 'b', 'c', 'b']);
  });

  it('follows references of references, each once, in the order in which they are needed', async () => {
    const of = (name: string, references: unknown[] = []) =>
      ok({ schema: name, id: 1, version: 1, subject: name, references });
    const ref = (name: string) => ({ name, subject: name, version: 1 });
    const { options, calls } = fake(({ url }) =>
      url.includes('/a/')
        ? of('A', [ref('c'), ref('b')])
        : url.includes('/b/')
          ? of('B', [ref('c'), ref('a')])
          : of('C'),
    );
    const texts = await registryClient('http://x', options).resolve([ref('a'), ref('b')]);
    expect([...texts]).eql([
      ['c', 'C'],
      ['b', 'B'],
      ['a', 'A'],
    ]);
    expect(calls.length).equal(3);
  });
});
