// `tls`, `users` and `acls` of a cluster: its listeners for clients are those of a broker alone, on the same certificates. The nodes
// reach each other on listeners of their own, log in there with a password that is made for this cluster, and may do everything.
// Loaded when a test asks for it.
import { nodeRandom } from '../../runtime/node/index.ts';
import { STANDARD_AUTHORIZER } from '../configs/config.ts';
import type { ThrowAwayCertificates } from '../security/tls/certificates.ts';
import type { ClusterOptions } from './cluster.ts';
import { securedListener } from './secured.ts';

export interface SecuredCluster {
  /** Of the listeners for clients. */
  readonly protocol: string;
  /** The listener of a broker for the others. */
  readonly nodeListener: string;
  readonly configs: Readonly<Record<string, string>>;
  /** Of super.users: the nodes beside those that the options name. */
  readonly superUsers: string;
  readonly certificates: ThrowAwayCertificates | undefined;
}

/** As whom the nodes log in to each other. */
const NODE_USER = 'ottla-node';
const PASSWORD_BYTES = 24;
const NODES = 'NODES';
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].map((name) => `${name}:${name}`);

/** Throws StartError where the listeners are not ours to make. */
export function securedCluster(options: ClusterOptions): SecuredCluster {
  const { protocol, configs, certificates } = securedListener(options);
  const superUsers = [options.config?.['super.users'] ?? '', `User:${NODE_USER}`].map(String);
  return {
    protocol,
    nodeListener: `${NODES}://127.0.0.1:0`,
    certificates,
    configs: {
      ...configs,
      'listener.security.protocol.map': [...PROTOCOLS, `${NODES}:SASL_PLAINTEXT`, 'CONTROLLER:SASL_PLAINTEXT'].join(
        ',',
      ),
      'inter.broker.listener.name': NODES,
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'sasl.mechanism.controller.protocol': 'PLAIN',
      ...loginConfigs(),
      ...(options.acls !== undefined && { 'authorizer.class.name': STANDARD_AUTHORIZER }),
    },
    superUsers: superUsers.filter((user) => user !== '').join(';'),
  };
}

function loginConfigs(): Record<string, string> {
  const password = Buffer.from(nodeRandom.bytes(PASSWORD_BYTES)).toString('base64url');
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const login = `${module} username="${NODE_USER}" password="${password}" "user_${NODE_USER}"="${password}";`;
  return Object.fromEntries(
    [NODES, 'CONTROLLER'].flatMap((name) => {
      const prefix = `listener.name.${name.toLowerCase()}`;
      return [
        [`${prefix}.sasl.enabled.mechanisms`, 'PLAIN'],
        [`${prefix}.plain.sasl.jaas.config`, login],
      ];
    }),
  );
}
