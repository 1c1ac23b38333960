// A login on a connection (SaslClientAuthenticator): the mechanism is agreed on, then tokens go back and forth. Loaded by the first
// channel that has to log in.
import { errorName, Errors } from '../errors.ts';
import { SaslHandshake } from '../messages/17-sasl-handshake.ts';
import { SaslAuthenticate } from '../messages/36-sasl-authenticate.ts';
import { type SaslClient, SaslClientError } from '../sasl/sasl-client.ts';
import type { ApiSchema, Fields, InputOf, ValueOf } from '../schema.ts';
import { ChannelError } from './channel-error.ts';
import type { PeerVersions } from './versions.ts';

/** Tokens that a mechanism may need; none that we know needs more than three. */
const MOST_TOKENS = 8;

type Ask = <Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  request: InputOf<Q>,
  version: number,
) => Promise<ValueOf<S>>;

/** Resolves with how long the login holds, in milliseconds; 0: it does not lapse. Rejects with ChannelError. */
export async function logIn(ask: Ask, versions: PeerVersions, client: SaslClient): Promise<number> {
  const { mechanism } = client;
  const handshake = await ask(SaslHandshake, { mechanism }, versions.choose(SaslHandshake, 1));
  if (handshake.errorCode !== Errors.NONE) {
    const offered = handshake.mechanisms.join(', ');
    throw refused(`${errorName(handshake.errorCode)} for ${mechanism}; the peer offers ${offered || 'nothing'}`);
  }
  const version = versions.choose(SaslAuthenticate);
  let token: Uint8Array | undefined = await client.first();
  for (let count = 0; count < MOST_TOKENS; count++) {
    const answer: ValueOf<(typeof SaslAuthenticate)['response']['fields']> = await ask(
      SaslAuthenticate,
      { authBytes: token },
      version,
    );
    if (answer.errorCode !== Errors.NONE) throw refused(answer.errorMessage ?? errorName(answer.errorCode));
    token = await nextToken(client, answer.authBytes);
    if (token === undefined) return Number(answer.sessionLifetimeMs);
  }
  throw refused('the login does not come to its end');
}

async function nextToken(client: SaslClient, challenge: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await client.next(challenge);
  } catch (error) {
    throw error instanceof SaslClientError ? refused(error.message) : error;
  }
}

const refused = (detail: string): ChannelError => new ChannelError('login refused', detail);
