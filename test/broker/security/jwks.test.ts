// Keys of an OAuth provider by URL: only from where the operator allows, kept, fetched anew, and never replaced by nothing.
import { expect } from 'chai';
import { Jwks, type JwksOptions } from '../../../src/broker/security/authentication/jwks.ts';
import { SignedJwtValidator } from '../../../src/broker/security/authentication/jwt.ts';
import type { Clock, ReadUrl } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { LiveBroker } from '../live-broker.ts';
import { isTokenTaken, keyText, signedToken } from './keys.ts';
import { OAuthProvider } from './oauth-provider.ts';

const URL_OF_KEYS = 'https://provider.test/keys';
const REFRESH_MS = 3_600_000;
const all = JSON.parse(keyText('jwks.json')) as { readonly keys: readonly { readonly kid: string }[] };
const ALL = keyText('jwks.json');
/** Without the key that signs. */
const OTHERS = JSON.stringify({ keys: all.keys.filter(({ kid }) => kid !== 'throw-away-rsa-0') });

/** Time that passes when it is told to. */
class HandClock implements Clock {
  #nowMs = 1_800_000_000_000;
  #timers: { atMs: number; action: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }
  monotonicMs(): number {
    return this.#nowMs;
  }
  endOfTurn(action: () => void): void {
    setImmediate(action);
  }
  schedule(delayMs: number, action: () => void) {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers = this.#timers.filter((one) => one !== timer)) };
  }
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((one) => !due.includes(one));
    for (const { action } of due) action();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A provider whose answers a test changes. */
function world(first: string) {
  const clock = new HandClock();
  const state = { answer: first, calls: [] as string[], lines: [] as string[] };
  const readUrl: ReadUrl = (url) => {
    state.calls.push(url);
    return state.answer === '' ? Promise.reject(new Error('down')) : Promise.resolve(state.answer);
  };
  const options: JwksOptions = {
    url: URL_OF_KEYS,
    allowedUrls: [URL_OF_KEYS],
    refreshMs: REFRESH_MS,
    disk: new MemoryDisk({ nowMs: () => 0 }),
    readUrl,
    clock,
    logger: { log: (_, message) => void state.lines.push(message), child: () => ({}) as never },
  };
  return { clock, state, options };
}

async function refusal(options: JwksOptions): Promise<string> {
  try {
    await Jwks.open(options);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it was taken');
}

const isTaken = async (jwks: Jwks, clock: Clock, token = signedToken()): Promise<boolean> => {
  const rules = { audiences: ['ottla'], issuer: null, clockSkewMs: 0, scopeClaim: 'scope', subClaim: 'sub' };
  return 'subject' in (await new SignedJwtValidator(jwks, rules, () => clock.nowMs()).validate(token));
};

describe('Keys of an OAuth provider', () => {
  it('are fetched from URLs that are allowed, letter by letter, and no others', async () => {
    const { state, options } = world(ALL);
    for (const url of ['https://provider.test/keys2', 'https://provider.test/', 'http://provider.test/keys']) {
      expect(await refusal({ ...options, url }), url).to.contain('ottla.sasl.oauthbearer.allowed.urls');
    }
    for (const url of ['ftp://provider.test/keys', 'data:application/json,{}', 'jndi:ldap://x/y', 'no url']) {
      expect(await refusal({ ...options, url, allowedUrls: [url] }), url).to.match(/takes file:|no URL/);
    }
    expect(state.calls).to.deep.equal([]);
  });

  it('must be there when the broker starts', async () => {
    for (const answer of [
      '',
      'nothing',
      '{}',
      '{"keys":[]}',
      '{"keys":[{"kty":"oct","k":"AAAA","use":"sig"}]}',
      '[1]',
    ]) {
      const { options } = world(answer);
      expect(await refusal(options), answer).to.match(/down|JWKS/);
    }
    const { options } = world(ALL);
    expect(await refusal({ ...options, readUrl: undefined })).to.contain('fetches no URLs');
  });

  it('are kept between fetches', async () => {
    const { clock, state, options } = world(ALL);
    const jwks = await Jwks.open(options);
    for (let count = 0; count < 20; count++) expect(await isTaken(jwks, clock)).to.equal(true);
    expect(state.calls).to.have.length(1);
    await clock.pass(REFRESH_MS - 1);
    expect(state.calls).to.have.length(1);
    await clock.pass(1);
    expect(state.calls).to.have.length(2);
    jwks.close();
    await clock.pass(10 * REFRESH_MS);
    expect(state.calls, 'after the end').to.have.length(2);
  });

  it('are fetched sooner for a token of a key that is not known, but not more often than a provider can stand', async () => {
    const { clock, state, options } = world(OTHERS);
    const jwks = await Jwks.open(options);
    expect(await isTaken(jwks, clock)).to.equal(false);
    state.answer = ALL;
    await clock.pass(10_000);
    expect(await isTaken(jwks, clock)).to.equal(true);
    expect(state.calls).to.have.length(2);
    await clock.pass(10_000);
    const flood = Array.from({ length: 100 }, (_, index) =>
      isTaken(jwks, clock, signedToken({}, { kid: `made-up-${index}` })),
    );
    expect(await Promise.all(flood)).to.not.include(true);
    expect(state.calls).to.have.length(3);
    jwks.close();
  });

  it('do not go when the provider does, and go when it says so', async () => {
    const { clock, state, options } = world(ALL);
    const jwks = await Jwks.open(options);
    state.answer = '';
    await clock.pass(REFRESH_MS);
    expect(await isTaken(jwks, clock)).to.equal(true);
    expect(state.lines.join()).to.contain('those known stay in use');
    state.answer = '{"keys":[]}';
    await clock.pass(10_000);
    expect(await isTaken(jwks, clock), 'an empty list is no list').to.equal(true);
    state.answer = OTHERS;
    await clock.pass(10_000);
    expect(await isTaken(jwks, clock)).to.equal(false);
    jwks.close();
  });

  it('with a fault of any kind do not let anybody in', async () => {
    const { options, clock } = world(
      JSON.stringify({ keys: [{ kty: 'RSA', n: 'x', e: 'AQAB' }, ...all.keys, null, 7] }),
    );
    const jwks = await Jwks.open(options);
    expect(await isTaken(jwks, clock)).to.equal(true);
    jwks.close();
  });
});

describe('A broker with the keys of a provider by URL', () => {
  let provider: OAuthProvider;
  before(async () => void (provider = await OAuthProvider.open()));
  after(() => provider.close());

  const start = (url: string, allowed: string): Promise<LiveBroker> =>
    LiveBroker.start({
      listeners: 'PLAINTEXT://127.0.0.1:0,LOGIN://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
      'sasl.server.callback.handler.class':
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler',
      'sasl.oauthbearer.jwks.endpoint.url': url,
      'ottla.sasl.oauthbearer.allowed.urls': allowed,
      'sasl.oauthbearer.expected.audience': 'ottla',
    });
  const startFault = async (url: string, allowed: string): Promise<string> => {
    try {
      await (await start(url, allowed)).close();
    } catch (error) {
      return String(error);
    }
    return 'it started';
  };

  it('takes its tokens, and fetches once', async () => {
    const broker = await start(provider.keysUrl, provider.keysUrl);
    try {
      const port = broker.node.socketServer.listeners[1]?.port ?? 0;
      expect(await isTokenTaken(port, signedToken())).to.equal(true);
      expect(await isTokenTaken(port, `${signedToken()}x`)).to.equal(false);
      expect(provider.asked).to.deep.equal(['/keys']);
    } finally {
      await broker.close();
    }
  });

  it('does not start with less', async () => {
    const { keysUrl } = provider;
    const before = provider.asked.length;
    expect(await startFault(keysUrl, '')).to.contain('allowed.urls');
    expect(provider.asked.length, 'nothing was asked').to.equal(before);
    provider.keys = [500, ''];
    expect(await startFault(keysUrl, keysUrl)).to.contain('status 500');
    provider.keys = [302, '', { location: keysUrl }];
    expect(await startFault(keysUrl, keysUrl), 'no redirect is followed').to.contain('status 302');
    provider.keys = [200, `{"keys":[${' '.repeat(2 << 20)}]}`];
    expect(await startFault(keysUrl, keysUrl)).to.contain('1 MiB');
  });
});
