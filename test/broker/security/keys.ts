// The throw-away keys of test/fixtures/security, and clients that use them.
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SaslHandshake } from '../../../src/protocol/messages/17-sasl-handshake.ts';
import { SaslAuthenticate } from '../../../src/protocol/messages/36-sasl-authenticate.ts';
import { RawClient } from '../raw-client.ts';

export const keyPath = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/security/keys/${name}`, import.meta.url));
export const keyText = (name: string): string => readFileSync(keyPath(name), 'utf8');

/** Of a broker that shows the server's certificate and trusts the authority. */
export const SERVER_STORES: Readonly<Record<string, string>> = {
  'ssl.keystore.type': 'PKCS12',
  'ssl.keystore.location': keyPath('server.p12'),
  'ssl.keystore.password': 'throw-away',
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': keyPath('ca.pem'),
};

/** TLS options of a client that trusts the authority and shows a certificate, if one is named. */
export function tlsClient(name?: string) {
  return {
    ca: keyText('ca.pem'),
    ...(name !== undefined && { cert: keyText(`${name}.pem`), key: keyText(`${name}.key`) }),
  };
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that is signed by the listed RSA key, good but for what `claims` and `header` say. */
export function signedToken(claims: Readonly<Record<string, unknown>> = {}, header: object = {}): string {
  const head = base64url({ alg: 'RS256', kid: 'throw-away-rsa-0', ...header });
  const whole = {
    sub: 'alice',
    iss: 'https://issuer.test',
    aud: 'ottla',
    iat: 1_700_000_000,
    exp: 4_102_444_800,
    ...claims,
  };
  const signed = `${head}.${base64url(whole)}`;
  const signature = sign('sha256', Buffer.from(signed), createPrivateKey(keyText('jwt-rsa.pem')));
  return `${signed}.${signature.toString('base64url')}`;
}

export const unsignedToken = (claims: object = {}): string =>
  `${base64url({ alg: 'none' })}.${base64url({ sub: 'alice', exp: 4_102_444_800, ...claims })}.`;

export const bearer = (token: string): Buffer => Buffer.from(`n,,\x01auth=Bearer ${token}\x01\x01`);
export const plain = (user: string, password: string): Buffer => Buffer.from(`\0${user}\0${password}`);

/** Shakes hands and sends one token; the answer to it. */
export async function logInWith(client: RawClient, mechanism: string, authBytes: Buffer) {
  await client.ask(SaslHandshake, 1, { mechanism });
  return client.ask(SaslAuthenticate, 2, { authBytes });
}

/** Whether the token is taken. */
export async function isTokenTaken(port: number, token: string): Promise<boolean> {
  const client = await RawClient.connect(port);
  const { errorCode, authBytes } = await logInWith(client, 'OAUTHBEARER', bearer(token));
  client.destroy();
  return errorCode === 0 && authBytes.length === 0;
}
