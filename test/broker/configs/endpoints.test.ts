// Listeners as server.properties writes them.
import { expect } from 'chai';
import {
  hostAndPort,
  isEveryAddress,
  parseEndpoint,
  parseEndpoints,
  parseProtocolMap,
} from '../../../src/broker/configs/endpoints.ts';
import { ConfigError } from '../../../src/runtime/index.ts';

describe('Endpoints', () => {
  const good: readonly [string, string, string, number][] = [
    ['PLAINTEXT://localhost:9092', 'PLAINTEXT', 'localhost', 9092],
    ['plaintext://localhost:9092', 'PLAINTEXT', 'localhost', 9092],
    [' MY_OWN1://10.0.0.1:0 ', 'MY_OWN1', '10.0.0.1', 0],
    ['A://:65535', 'A', '', 65535],
    ['A://[::1]:1', 'A', '::1', 1],
    ['A://[fe80::1%eth0]:1', 'A', 'fe80::1%eth0', 1],
  ];
  for (const [text, name, host, port] of good) {
    it(`reads ${text}`, () => {
      expect(parseEndpoint('listeners', text)).to.deep.equal({ name, host, port });
    });
  }

  const bad = [
    '',
    'localhost:9092',
    'A://h',
    'A://h:',
    'A://h:-1',
    'A://h:65536',
    'A://h:1x',
    'A://::1:1',
    'A-B://h:1',
    'A://h:1/',
    'A://[::1:1',
  ];
  for (const text of bad) {
    it(`refuses "${text}", and says how it is written`, () => {
      expect(() => parseEndpoint('listeners', text)).to.throw(ConfigError, 'NAME://host:port');
    });
  }

  it('refuses a name twice, in whatever case', () => {
    expect(() => parseEndpoints('listeners', ['A://h:1', 'a://h:2'])).to.throw(ConfigError, 'different name');
  });

  it('reads the protocol of each listener name', () => {
    expect([...parseProtocolMap('a:plaintext, B:SSL,')]).to.deep.equal([
      ['A', 'PLAINTEXT'],
      ['B', 'SSL'],
    ]);
    for (const text of ['A', 'A:', 'A:B:C']) expect(() => parseProtocolMap(text), text).to.throw(ConfigError);
  });

  it('writes addresses as clients take them', () => {
    expect(hostAndPort('h', 1)).to.equal('h:1');
    expect(hostAndPort('::1', 1)).to.equal('[::1]:1');
    expect(['', '0.0.0.0', '::', '127.0.0.1', '::1'].map(isEveryAddress)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
