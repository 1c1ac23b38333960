// What a TLS handshake costs the broker, whole and when a session is taken up again, in CPU time of its process. By hand, on Linux:
// `node --import=tsx test/broker/network/tls-bench.ts [HANDSHAKES]`
import { readFileSync } from 'node:fs';
import { connect, type ConnectionOptions } from 'node:tls';
import { BrokerProcess } from '../security/broker-process.ts';
import { SERVER_STORES, tlsClient } from '../security/keys.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { requestOf } from '../raw-client.ts';

const TICK_MS = 10;
const COUNT = Number(process.argv[2] ?? 1000);
const HELLO = requestOf(ApiVersions, 0, {});

/** Connects, asks once, closes; whether a session was taken up, and the session for the next one. */
function visit(port: number, options: ConnectionOptions): Promise<{ isReused: boolean; session: Buffer | undefined }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', checkServerIdentity: () => undefined, ...options });
    socket.once('error', reject);
    socket.once('secureConnect', () => socket.write(HELLO));
    socket.once('data', () => {
      resolve({ isReused: socket.isSessionReused(), session: socket.getSession() });
      socket.end();
    });
  });
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function measured(broker: BrokerProcess, options: ConnectionOptions, isResuming: boolean) {
  let session: Buffer | undefined = (await visit(broker.port, options)).session;
  let reused = 0;
  const before = cpuMs(broker.pid);
  for (let at = 0; at < COUNT; at++) {
    const seen = await visit(broker.port, {
      ...options,
      ...(isResuming && session && { session: Buffer.from(session) }),
    });
    if (seen.isReused) reused += 1;
    session = seen.session;
  }
  return { ms: ((cpuMs(broker.pid) - before) / COUNT).toFixed(3), reused };
}

for (const clientAuth of ['none', 'required']) {
  const broker = await BrokerProcess.start({
    listeners: 'SSL://127.0.0.1:0',
    'ssl.client.auth': clientAuth,
    ...SERVER_STORES,
  });
  const client = tlsClient(clientAuth === 'required' ? 'client-a' : undefined);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const isResuming of [false, true, false, true]) {
      const { ms, reused } = await measured(broker, { ...client, maxVersion }, isResuming);
      console.log(
        `client.auth=${clientAuth} ${maxVersion} ${isResuming ? 'resumed' : 'whole'}: ${ms} ms, ${reused} of ${COUNT} reused`,
      );
    }
  }
  await broker.stop();
}
