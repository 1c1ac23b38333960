// The broker's own users: a name and a password are right when one can log in to the broker with them, by SCRAM or PLAIN.
import { type ClientConfig, ClusterClient, type SaslOptions } from '../../client/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { storeFailed } from '../schemas/registry-error.ts';
import type { CheckLogin } from './authentication.ts';

type Mechanism = 'scram-sha-256' | 'scram-sha-512' | 'plain';
/** The password itself goes over the wire last. */
const MECHANISMS: readonly Mechanism[] = ['scram-sha-512', 'scram-sha-256', 'plain'];
const LOGIN_TIMEOUT_MS = 10_000;

/** `config`: how the registry itself comes to the broker; its mechanism is tried first. */
export function brokerUsers(config: ClientConfig): CheckLogin {
  const own = mechanismOf(config.sasl);
  const mechanisms = own === undefined ? MECHANISMS : [own, ...MECHANISMS.filter((one) => one !== own)];
  return async (username, password) => {
    for (const mechanism of mechanisms) {
      if (await canLogIn({ ...config, sasl: { mechanism, username, password } })) return true;
    }
    return false;
  };
}

function mechanismOf(sasl: SaslOptions | undefined): Mechanism | undefined {
  return sasl === undefined || sasl.mechanism === 'oauthbearer' ? undefined : (sasl.mechanism as Mechanism);
}

/** A mechanism that the broker does not offer is refused like a wrong password. Rejects with RegistryError 50001 when it cannot be asked. */
async function canLogIn(config: ClientConfig): Promise<boolean> {
  const client = new ClusterClient({ ...config, limits: { ...config.limits, requestTimeoutMs: LOGIN_TIMEOUT_MS } });
  try {
    await client.askAny(Metadata, { topics: [], allowAutoTopicCreation: false });
    return true;
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    if (error.code === Errors.SASL_AUTHENTICATION_FAILED || error.code === Errors.UNSUPPORTED_SASL_MECHANISM)
      return false;
    throw storeFailed(`The broker cannot be asked for its users: ${error.message}`);
  } finally {
    await client.close();
  }
}
