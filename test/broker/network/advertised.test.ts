// What clients are told to connect to.
import { expect } from 'chai';
import { ConnectionState, type RequestContext } from '../../../src/api-handlers/index.ts';
import { ConnectionSession } from '../../../src/broker/network/session.ts';
import { AdvertisedListeners } from '../../../src/broker/network/advertised.ts';
import type { Logger } from '../../../src/runtime/index.ts';

function contextOf(listenerName: string, localAddress: string, localPort: number): RequestContext {
  return {
    apiKey: 3,
    apiVersion: 12,
    correlationId: 1,
    clientId: null,
    session: new ConnectionSession({
      listenerName,
      securityProtocol: 'PLAINTEXT',
      socket: { remoteAddress: '10.1.1.1', remotePort: 40000, localAddress, localPort },
    }),
    receivedAtMs: 0,
    connection: new ConnectionState(1),
  };
}

describe('AdvertisedListeners', () => {
  const lines: string[] = [];
  const logger: Logger = { log: (_, message) => void lines.push(message), child: () => logger };
  const explicit = new Map([['OUTSIDE', { name: 'OUTSIDE', host: 'kafka.example', port: 9094 }]]);
  let advertised: AdvertisedListeners;

  beforeEach(() => {
    lines.length = 0;
    advertised = new AdvertisedListeners(explicit, () => undefined, logger);
  });

  it('is where the connection came to, when nothing is set', () => {
    expect(advertised.addressFor(contextOf('INSIDE', '10.0.0.7', 1234))).to.include({ host: '10.0.0.7', port: 1234 });
    expect(advertised.addressFor(contextOf('INSIDE', '::1', 1234))).to.include({ host: '::1', port: 1234 });
    expect(lines).to.deep.equal([]);
  });

  it('is what the others tell, where there are others and nothing is set', () => {
    const told = (listener: string) => (listener === 'INSIDE' ? { host: 'node-1', port: 9092 } : undefined);
    advertised = new AdvertisedListeners(explicit, told, logger);
    const ofInside = advertised.addressFor(contextOf('INSIDE', '10.0.0.7', 1234));
    expect(ofInside).to.deep.equal({ host: 'node-1', port: 9092 });
    expect(advertised.addressFor(contextOf('OUTSIDE', '10.0.0.7', 9094))).to.include({ host: 'kafka.example' });
    expect(advertised.addressFor(contextOf('OTHER', '10.0.0.7', 1234))).to.include({ host: '10.0.0.7', port: 1234 });
  });

  it('is an IPv4 address for who came over IPv4 to a socket of both', () => {
    expect(advertised.addressFor(contextOf('INSIDE', '::ffff:10.0.0.7', 1))).to.include({ host: '10.0.0.7' });
  });

  it('is what was set, with a line once for a listener that clients come to by another address', () => {
    for (let count = 0; count < 5; count++) {
      expect(advertised.addressFor(contextOf('OUTSIDE', '10.0.0.7', 9092))).to.include({
        host: 'kafka.example',
        port: 9094,
      });
    }
    expect(lines).to.have.length(1);
    expect(lines[0]).to.contain('10.0.0.7:9092').and.to.contain('kafka.example:9094');
  });
});
