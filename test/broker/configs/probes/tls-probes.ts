// Configs of TLS: what a broker shows of itself, and what it asks of its clients.
import type { TLSSocket } from 'node:tls';
import { peerSecurityOf } from '../../../../src/broker/security/peer-security.ts';
import { ApiVersions } from '../../../../src/protocol/messages/18-api-versions.ts';
import { CreateDelegationToken } from '../../../../src/protocol/messages/38-create-delegation-token.ts';
import { IncrementalAlterConfigs } from '../../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { silentLogger } from '../../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../../src/runtime/node/index.ts';
import { RawClient } from '../../raw-client.ts';
import { keyPath, keyText, SERVER_STORES, tlsClient } from '../../security/keys.ts';
import type { Probe, Probes } from './probe.ts';
import type { Config, ProbedBroker } from './probed-broker.ts';
import { portOf } from './secured-listener.ts';

const SECURE: Config = {
  listeners: 'PLAINTEXT://127.0.0.1:0,SECURE://127.0.0.1:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURE:SSL',
  ...SERVER_STORES,
};

/** What a client agrees on with the broker; undefined when it is not let in. */
async function agreed<T>(broker: ProbedBroker, certificate: string | undefined, look: (socket: TLSSocket) => T) {
  const client = await RawClient.connectTls(portOf(broker), tlsClient(certificate));
  const seen = look(client.socket as TLSSocket);
  const isIn = await client.ask(ApiVersions, 0, {}).then(
    () => true,
    () => false,
  );
  client.destroy();
  return isIn ? seen : undefined;
}

const isServed = (broker: ProbedBroker) => agreed(broker, undefined, () => true);
const isKnown = (broker: ProbedBroker) => agreed(broker, 'client-a', () => true);

/** A config of the key store: without it, or with another, the broker does not start. */
const keyStoreProbe = (wrong: string | undefined, right: string, beside: Config = SECURE): Probe => ({
  values: [wrong, right],
  sees: ['refused', true],
  look: isServed,
  beside,
});

/** Whether the store of somebody else may be set. */
const renewalProbe = (beside: Config): Probe => ({
  values: ['false', 'true'],
  sees: [42, 0],
  look: async (broker) => {
    const client = await RawClient.connect(broker.node.port);
    const name = 'listener.name.secure.ssl.keystore.location';
    const configs = [{ name, configOperation: 0, value: keyPath('client-a.p12') }];
    const resources = [{ resourceType: 4, resourceName: '1', configs }];
    const { responses } = await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: true });
    client.destroy();
    return responses[0]?.errorCode;
  },
  beside: { ...SECURE, ...beside },
});

const PEM_IN_CONFIGS: Config = {
  ...SECURE,
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': undefined,
  'ssl.keystore.password': undefined,
  'ssl.keystore.key': keyText('server.key'),
  'ssl.keystore.certificate.chain': keyText('server.pem'),
};
const withoutTrust: Config = { ...SECURE, 'ssl.truststore.location': undefined, 'ssl.client.auth': 'required' };

async function principalOf(broker: ProbedBroker): Promise<string> {
  const client = await RawClient.connectTls(portOf(broker), tlsClient('client-a'));
  const { principalName } = await client.ask(CreateDelegationToken, 3, {
    ownerPrincipalType: null,
    ownerPrincipalName: null,
    renewers: [],
    maxLifetimeMs: -1,
  });
  client.destroy();
  return principalName;
}

export const tlsProbes: Probes = {
  'ssl.client.auth': { values: ['none', 'required'], sees: [true, undefined], look: isServed, beside: SECURE },
  'ssl.cipher.suites': {
    values: ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
    sees: ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
    look: (broker) => agreed(broker, undefined, (socket) => socket.getCipher().standardName),
    beside: SECURE,
  },
  'ssl.enabled.protocols': {
    values: ['TLSv1.2', 'TLSv1.3'],
    sees: ['TLSv1.2', 'TLSv1.3'],
    look: (broker) => agreed(broker, undefined, (socket) => socket.getProtocol()),
    beside: SECURE,
  },
  'ssl.endpoint.identification.algorithm': {
    values: ['', 'https'],
    sees: [false, true],
    look: ({ node: { settings } }) => {
      const runtime = nodeRuntime({ logger: silentLogger });
      const parts = { runtime, entries: () => settings.entries, logger: silentLogger };
      return peerSecurityOf(settings.interBroker, { key: '', value: '' }, parts).tls?.checksHost;
    },
    beside: { ...SECURE, 'inter.broker.listener.name': 'SECURE' },
  },
  'ssl.keystore.type': keyStoreProbe('PEM', 'PKCS12'),
  'ssl.keystore.location': keyStoreProbe(undefined, keyPath('server.p12')),
  'ssl.keystore.password': keyStoreProbe('wrong', 'throw-away'),
  'ssl.keystore.key': keyStoreProbe(undefined, keyText('server.key'), PEM_IN_CONFIGS),
  'ssl.keystore.certificate.chain': keyStoreProbe(undefined, keyText('server.pem'), PEM_IN_CONFIGS),
  'ssl.key.password': keyStoreProbe(undefined, 'throw-away', {
    ...PEM_IN_CONFIGS,
    'ssl.keystore.key': keyText('client-a.encrypted.key'),
    'ssl.keystore.certificate.chain': keyText('client-a.pem'),
  }),
  'ssl.allow.dn.changes': renewalProbe({ 'ssl.allow.san.changes': 'true' }),
  'ssl.allow.san.changes': renewalProbe({ 'ssl.allow.dn.changes': 'true' }),
  'ssl.truststore.type': {
    values: ['PKCS12', 'PEM'],
    sees: ['refused', true],
    look: isServed,
    beside: SECURE,
  },
  'ssl.truststore.location': {
    values: [undefined, keyPath('ca.pem')],
    sees: [undefined, true],
    look: isKnown,
    beside: withoutTrust,
  },
  'ssl.truststore.password': {
    values: ['wrong', 'throw-away'],
    sees: ['refused', true],
    look: isServed,
    beside: { ...SECURE, 'ssl.truststore.type': 'PKCS12', 'ssl.truststore.location': keyPath('client-a.p12') },
  },
  'ssl.truststore.certificates': {
    values: [undefined, keyText('ca.pem')],
    sees: [undefined, true],
    look: isKnown,
    beside: withoutTrust,
  },
  'ssl.principal.mapping.rules': {
    values: ['DEFAULT', 'RULE:^CN=([^,]+),.*$/$1/L'],
    sees: ['CN=Alice,OU=users,O=Ottla throw-away,C=DE', 'alice'],
    look: principalOf,
    beside: { ...SECURE, 'ssl.client.auth': 'required' },
  },
  'security.inter.broker.protocol': {
    values: ['PLAINTEXT', 'SSL'],
    sees: ['PLAINTEXT', 'SSL'],
    look: ({ node }) => node.settings.interBroker.name,
    beside: {
      ...SECURE,
      listeners: 'PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SSL:SSL',
    },
  },
};
