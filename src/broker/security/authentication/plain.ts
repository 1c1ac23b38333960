// SASL PLAIN (RFC 4616; Kafka: PlainSaslServer, PlainServerCallbackHandler): a name and a password, as they are. The passwords are
// those of the listener's JAAS entry.
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type Login,
  SaslAuthenticationError,
  type SaslExchange,
  type SaslMechanism,
  type SaslStep,
  textOf,
} from './sasl-mechanism.ts';

const NOTHING = new Uint8Array(0);
/** authorization id, name, password; more are counted up to one beyond. */
const TOKENS = 3;

export class PlainMechanism implements SaslMechanism {
  readonly name = 'PLAIN';
  /** Digests of passwords by user: equal in length, so that comparing them takes the same time for all. */
  readonly #digests: ReadonlyMap<string, Buffer>;

  constructor(passwords: ReadonlyMap<string, string>) {
    this.#digests = new Map([...passwords].map(([user, password]) => [user, digestOf(password)]));
  }

  begin(): SaslExchange {
    return { evaluate: (token) => this.#evaluate(token) };
  }

  #evaluate(token: Uint8Array): SaslStep {
    const parts = textOf(token).split('\0', TOKENS + 1);
    if (parts.length !== TOKENS) {
      throw new SaslAuthenticationError(`Invalid SASL/PLAIN response: expected ${TOKENS} tokens, got ${parts.length}`);
    }
    const [authorizationId = '', user = '', password = ''] = parts;
    if (user === '') throw new SaslAuthenticationError('Authentication failed: username not specified');
    if (password === '') throw new SaslAuthenticationError('Authentication failed: password not specified');
    if (!this.#isRight(user, password)) {
      throw new SaslAuthenticationError('Authentication failed: Invalid username or password');
    }
    if (authorizationId !== '' && authorizationId !== user) {
      throw new SaslAuthenticationError(
        'Authentication failed: Client requested an authorization id that is different from username',
      );
    }
    const login: Login = { user, expiresAtMs: Infinity, isToken: false };
    return { token: NOTHING, login };
  }

  /** A user who is not there costs what a wrong password costs. */
  #isRight(user: string, password: string): boolean {
    const expected = this.#digests.get(user);
    const isEqual = timingSafeEqual(digestOf(password), expected ?? NOBODY);
    return isEqual && expected !== undefined;
  }
}

function digestOf(password: string): Buffer {
  return createHash('sha256').update(password, 'utf8').digest();
}

const NOBODY = digestOf('\0');
