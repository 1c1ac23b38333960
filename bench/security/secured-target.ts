// A contender with listeners beside the plain one: TLS with the throw-away keys of the tests, and logins by PLAIN.

import { join } from 'node:path';
import { freePort, type RunningBroker } from '../../conformance/targets/target.ts';
import { KEYS } from '../../conformance/transcripts/login-target.ts';
import { type LoneContender, type LoneTools, targetOf } from '../alone.ts';

export interface SecuredBroker {
  readonly broker: RunningBroker;
  /** Port of the listener that speaks TLS. */
  readonly tlsPort: number;
  /** Port of the listener that wants a login. */
  readonly loginPort: number;
}

const HOST = '127.0.0.1';
const USERS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret";';

const SECURITY: Readonly<Record<string, string>> = {
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
  'ssl.keystore.type': 'PKCS12',
  'ssl.keystore.location': join(KEYS, 'server.p12'),
  'ssl.keystore.password': 'throw-away',
  'ssl.key.password': 'throw-away',
  'sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.sasl_plaintext.plain.sasl.jaas.config': USERS,
};
const ONE_REPLICA: Readonly<Record<string, string>> = {
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
};

/** How librdkafka gets in over TLS. */
export const TLS_SETTINGS: readonly string[] = [
  'security.protocol=ssl',
  `ssl.ca.location=${join(KEYS, 'ca.pem')}`,
  'ssl.endpoint.identification.algorithm=none',
];

/** A string says why the contender is left out. */
export async function startSecured(
  contender: LoneContender,
  dataDirectory: string,
  tools: LoneTools,
  properties: Readonly<Record<string, string>> = {},
): Promise<SecuredBroker | string> {
  const target = targetOf(contender, tools);
  if (typeof target === 'string') return target;
  const [port, tlsPort, loginPort] = [await freePort(), await freePort(), await freePort()];
  const broker = await target.start({
    dataDirectory,
    bare: true,
    host: HOST,
    port,
    moreListeners: [`SSL://${HOST}:${tlsPort}`, `SASL_PLAINTEXT://${HOST}:${loginPort}`],
    properties: { 'node.id': '1', ...ONE_REPLICA, ...SECURITY, ...properties },
  });
  return { broker, tlsPort, loginPort };
}
