// Users who log in with a password (SASL/PLAIN) and may do what ACLs say, beside the super user who needs none on the plain listener.
import type { StartOptions } from '../targets/target.ts';

/** Those who have no rights but by ACLs. */
export const USERS = ['alice', 'bob', 'carol'] as const;
/** May do everything, and is somebody, unlike whoever comes without a login. */
export const SUPER_USER = 'root';
export const passwordOf = (user: string): string => `${user}-secret`;

const LOGINS = [...USERS, SUPER_USER].map((user) => `user_${user}="${passwordOf(user)}"`).join(' ');
const MODULE = 'org.apache.kafka.common.security.plain.PlainLoginModule';

/** Whoever does not log in is a super user too. */
export const LOGIN_PROPERTIES: Readonly<Record<string, string>> = {
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': `User:ANONYMOUS;User:${SUPER_USER}`,
  'sasl.enabled.mechanisms': 'PLAIN',
  'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${MODULE} required ${LOGINS};`,
  'delegation.token.secret.key': 'throw-away-secret',
};

/** Where a target listens so that users can log in. */
export function loginListeners(port: number, loginPort: number): Pick<StartOptions, 'host' | 'port' | 'moreListeners'> {
  return { host: '127.0.0.1', port, moreListeners: [`SASL_PLAINTEXT://127.0.0.1:${loginPort}`] };
}
