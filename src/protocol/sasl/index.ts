// SASL as both sides need it. Loaded by whoever logs in, or lets others do so.
export { PlainClient, type SaslClient, SaslClientError } from './sasl-client.ts';
export { OAuthBearerClient } from './oauthbearer-client.ts';
export { ScramClient } from './scram-client.ts';
export {
  FEWEST_SCRAM_ITERATIONS,
  hashOf,
  isScramMechanism,
  MOST_SCRAM_ITERATIONS,
  SCRAM_MECHANISMS,
  type ScramKeys,
  scramKeys,
  type ScramMechanism,
  saltedPassword,
  scramMechanismOf,
} from './scram-keys.ts';
