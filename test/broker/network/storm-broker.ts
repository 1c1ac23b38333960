// The broker of a storm: a process of its own with listeners of all kinds. There are several of each kind, because Node.js takes
// one connection of a listener in a turn of the event loop, and most frames of a storm end theirs.
import { connect } from 'node:net';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { SaslHandshake } from '../../../src/protocol/messages/17-sasl-handshake.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { SaslAuthenticate } from '../../../src/protocol/messages/36-sasl-authenticate.ts';
import { requestOf } from '../raw-client.ts';
import { BrokerProcess } from '../security/broker-process.ts';
import { plain, SERVER_STORES } from '../security/keys.ts';

const PASSWORD = 'storm-secret';
const LOGIN = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${PASSWORD}";`;
const PROBE_ID = 0x5eed;
const HELLO_ID = 0x4e11;
export const IDS = { probeId: PROBE_ID, helloId: HELLO_ID };
/** In front of the first burst of a connection, and behind each. */
export const HELLO = requestOf(ApiVersions, 0, {}, HELLO_ID);
export const PROBE = requestOf(ApiVersions, 0, {}, PROBE_ID);
export const LOG_IN = Buffer.concat([
  requestOf(SaslHandshake, 1, { mechanism: 'PLAIN' }),
  requestOf(SaslAuthenticate, 2, { authBytes: plain('alice', PASSWORD) }, PROBE_ID),
]);
const LOOP_WATCH = new URL('loop-watch.mjs', import.meta.url).href;

/** Listeners by protocol; the first of each has the protocol's name. */
const LISTENERS = { PLAINTEXT: 8, SASL_PLAINTEXT: 3, SSL: 2 };

/** Where the listeners of a broker are, found by how they answer a question. */
export interface StormPorts {
  /** They want nothing. */
  readonly open: number[];
  readonly login: number[];
  readonly tls: number[];
}

/** Needs Linux and the built program. */
export function startStormBroker(): Promise<BrokerProcess> {
  const names = Object.entries(LISTENERS).flatMap(([protocol, count]) =>
    Array.from({ length: count }, (_, index) => ({ protocol, name: index === 0 ? protocol : `${protocol}_${index}` })),
  );
  const logins = names
    .filter(({ protocol }) => protocol === 'SASL_PLAINTEXT')
    .map(({ name }) => [`listener.name.${name.toLowerCase()}.plain.sasl.jaas.config`, LOGIN]);
  const settings = {
    listeners: names.map(({ name }) => `${name}://127.0.0.1:0`).join(','),
    'listener.security.protocol.map': names.map(({ name, protocol }) => `${name}:${protocol}`).join(','),
    ...(Object.fromEntries(logins) as Record<string, string>),
    'sasl.enabled.mechanisms': 'PLAIN',
    'connection.failed.authentication.delay.ms': '0',
    // On a machine that is busy with others a login may take longer than somebody who has not logged in has.
    'ottla.authentication.timeout.ms': '600000',
    'num.partitions': '2',
    'group.initial.rebalance.delay.ms': '0',
    'log.segment.delete.delay.ms': '0',
    ...SERVER_STORES,
  };
  return BrokerProcess.start(settings, { NODE_OPTIONS: `--import=${LOOP_WATCH}` });
}

export async function portsOf(broker: BrokerProcess): Promise<StormPorts> {
  const found: StormPorts = { open: [], login: [], tls: [] };
  for (const address of broker.listeningOn) {
    const port = Number.parseInt(address.split(':')[1] ?? '', 16);
    found[await kindOf(port)].push(port);
  }
  return found;
}

/** By what comes back to a question that is allowed where nobody has to log in: an answer, an alert, or nothing. */
function kindOf(port: number): Promise<keyof StormPorts> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(requestOf(Metadata, 1, { topics: [] }, PROBE_ID)));
    const tell = (): void => {
      socket.destroy();
      if (received.length === 0) resolve('login');
      else resolve(received[0] === 0x15 ? 'tls' : 'open');
    };
    socket.on('error', () => undefined);
    socket.once('close', tell);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 8 && received.readInt32BE(4) === PROBE_ID) tell();
    });
  });
}
