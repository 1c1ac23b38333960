// The client's messages of SCRAM in recorded logins, made anew: the server's nonce is another each time. What a line broke on
// purpose, which its note names, is broken in the same way.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

export interface ScramState {
  /** The server's first message. */
  readonly serverFirst: string;
  readonly bareFirst: string;
  readonly password: string;
  readonly mechanism: string;
}

export interface ClientFinal {
  readonly text: string;
  /** What the server must answer with, if it takes it. */
  readonly serverFinal: string;
}

const partOf = (text: string, name: string): string => new RegExp(`(?:^|,)${name}=([^,]*)`).exec(text)?.[1] ?? '';

/** `recorded`: the message as it was; its channel binding is kept. */
export function clientFinalOf(state: ScramState, recorded: string, note: string): ClientFinal {
  const broken = /^client final: (\S+)$/.exec(note)?.[1] ?? '';
  const { serverFirst, bareFirst, password, mechanism } = state;
  const hash = mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256';
  const salt = Buffer.from(partOf(serverFirst, 's'), 'base64');
  const salted = pbkdf2Sync(password, salt, Number(partOf(serverFirst, 'i')), hash === 'sha512' ? 64 : 32, hash);
  const nonce = partOf(serverFirst, 'r');
  const given = broken === 'nonce' ? `${nonce}x` : broken === 'client-nonce-only' ? partOf(bareFirst, 'r') : nonce;
  const channel = partOf(recorded, 'c') || 'biws';
  let withoutProof = `c=${channel},r=${given}`;
  if (broken === 'final-extension') withoutProof += ',x=1';
  if (broken === 'order') withoutProof = `r=${given},c=${channel}`;
  const authMessage = `${bareFirst},${serverFirst},${withoutProof}`;
  const hmac = (key: Uint8Array, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const proof = hmac(createHash(hash).update(clientKey).digest(), authMessage).map(
    (byte, at) => byte ^ (clientKey[at] as number),
  );
  if (broken === 'proof-bit') proof[0] = (proof[0] as number) ^ 1;
  const sent = broken === 'proof-short' ? proof.subarray(0, -1) : proof;
  const whole = `${withoutProof},p=${Buffer.from(sent).toString('base64')}`;
  const text = broken === 'no-proof' ? withoutProof : broken === 'garbage' ? 'what?' : broken === 'empty' ? '' : whole;
  return { text, serverFinal: `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}` };
}

/** Whether two first messages of a server say the same but for the server's part of the nonce, and a salt that is drawn anew. */
export function isSameServerFirst(
  recorded: string,
  given: string,
  clientNonce: string,
  isSaltRandom: boolean,
): boolean {
  return (
    partOf(given, 'r').startsWith(clientNonce) &&
    partOf(given, 'r').length > clientNonce.length &&
    partOf(given, 'i') === partOf(recorded, 'i') &&
    (isSaltRandom || partOf(given, 's') === partOf(recorded, 's'))
  );
}
