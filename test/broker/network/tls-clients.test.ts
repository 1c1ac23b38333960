// What TLS clients hear of a listener beside its certificate: why they are not let in, and a session that they may take up again.
import { expect } from 'chai';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateDelegationToken } from '../../../src/protocol/messages/38-create-delegation-token.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { keyPath, SERVER_STORES, tlsClient } from '../security/keys.ts';
import { eventually, LiveBroker } from '../live-broker.ts';
import { RawClient, requestOf } from '../raw-client.ts';

const OWN_TOKEN = { ownerPrincipalType: null, ownerPrincipalName: null, renewers: [], maxLifetimeMs: -1 };
const SECURE = {
  listeners: 'PLAINTEXT://127.0.0.1:0,SECURE://127.0.0.1:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SSL',
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.name.secure.ssl.client.auth': 'required',
  'delegation.token.secret.key': 's',
  'ssl.allow.dn.changes': 'true',
  'ssl.allow.san.changes': 'true',
  ...SERVER_STORES,
};

const secure = ({ node }: LiveBroker): number => node.socketServer.listeners[1]?.port ?? 0;

async function withBroker(test: (broker: LiveBroker) => Promise<void>): Promise<void> {
  const broker = await LiveBroker.start(SECURE);
  try {
    await test(broker);
  } finally {
    await broker.close();
  }
}

describe('A TLS listener and its clients', function () {
  this.timeout(20_000);

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`tells a client of ${maxVersion} whose certificate is no good by an alert, and the log why`, () =>
      withBroker(async (broker) => {
        for (const name of ['client-expired', 'client-self']) {
          const code = await new Promise((resolve) => {
            const options = { ...tlsClient(name), maxVersion, checkServerIdentity: () => undefined };
            const socket = connectTls({ port: secure(broker), host: '127.0.0.1', ...options });
            socket.once('secureConnect', () => socket.write(requestOf(ApiVersions, 0, {})));
            socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
          });
          expect(code, name).to.match(/^ERR_SSL_.*ALERT/);
        }
        const isTold = (code: string): boolean => broker.lines.some(({ fields }) => fields['code'] === code);
        // Lines are limited in number: of one address not each failure has to have one of its own.
        await eventually('a line', () => isTold('CERT_HAS_EXPIRED') || isTold('DEPTH_ZERO_SELF_SIGNED_CERT'));
      }));
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`lets a client take up its session of ${maxVersion} again, as who it was, until something changes`, () =>
      withBroker(async (broker) => {
        /** Of a connection on which something was asked and answered. */
        const visit = async (session?: Buffer<ArrayBufferLike>) => {
          const client = await RawClient.connectTls(secure(broker), {
            ...tlsClient('client-a'),
            maxVersion,
            ...(session !== undefined && { session: Buffer.from(session) }),
          });
          const socket = client.socket as TLSSocket;
          const { principalName } = await client.ask(CreateDelegationToken, 3, OWN_TOKEN);
          // With TLS 1.3 it comes behind the handshake, and before the answer.
          const ticket = socket.getSession();
          const isReused = socket.isSessionReused();
          client.destroy();
          return { isReused, principalName, ticket };
        };
        const first = await visit();
        expect(first.isReused).to.equal(false);
        const second = await visit(first.ticket);
        expect(second).to.include({ isReused: true, principalName: first.principalName });
        expect(first.principalName).to.contain('CN=Alice');
        const admin = await broker.connect();
        const name = 'listener.name.secure.ssl.keystore.location';
        const configs = [{ name, configOperation: 0, value: keyPath('client-b.p12') }];
        const resources = [{ resourceType: 4, resourceName: '1', configs }];
        await admin.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
        admin.destroy();
        await eventually('no session with another key store', async () => !(await visit(second.ticket)).isReused);
      }));
  }
});
