// A listener at which a client has to say who it is, beside an open one.
import { RawClient } from '../../raw-client.ts';
import { logInWith, plain } from '../../security/keys.ts';
import type { Config, ProbedBroker } from './probed-broker.ts';

export const PLAIN_USERS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="a";';
export const LOGIN: Config = {
  listeners: 'PLAINTEXT://127.0.0.1:0,LOGIN://127.0.0.1:0',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT',
  'sasl.enabled.mechanisms': 'PLAIN',
  'sasl.jaas.config': PLAIN_USERS,
};

/** The listener beside the open one. */
export const portOf = ({ node }: ProbedBroker): number => node.socketServer.listeners[1]?.port ?? 0;

/** As alice, who has a password. */
export async function loggedIn(broker: ProbedBroker): Promise<RawClient> {
  const client = await RawClient.connect(portOf(broker));
  await logInWith(client, 'PLAIN', plain('alice', 'a'));
  return client;
}
