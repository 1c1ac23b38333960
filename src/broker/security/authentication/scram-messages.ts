// The client's messages of SCRAM, read by Kafka's own grammar (RFC 5802; Kafka: ScramMessages).
import { SaslError, textOf } from './sasl-mechanism.ts';

const VALUE_SAFE = '[\\x01-\\x2b\\x2d-\\x3c\\x3e-\\x7f]';
const VALUE = '[\\x01-\\x2b\\x2d-\\x7f]+';
const PRINTABLE = '[\\x21-\\x2b\\x2d-\\x7e]+';
const SASL_NAME = `(?:${VALUE_SAFE}|=2C|=3D)+`;
const BASE64 = '(?:[a-zA-Z0-9/+]{4})*(?:[a-zA-Z0-9/+]{3}=|[a-zA-Z0-9/+]{2}==)?';
const EXTENSIONS = `(?:,[A-Za-z]+=${VALUE})*`;

// Each part ends where the next can begin: there is one way to read a message, and time goes with its length.
const CLIENT_FIRST = new RegExp(
  `^n,(?:a=(${SASL_NAME}))?,(?:m=${VALUE},)?n=(${SASL_NAME}),r=(${PRINTABLE})(${EXTENSIONS})$`,
);
const CLIENT_FINAL = new RegExp(`^c=(${BASE64}),r=(${PRINTABLE})(${EXTENSIONS}),p=(${BASE64})$`);

export interface ClientFirst {
  readonly user: string;
  readonly authorizationId: string;
  readonly nonce: string;
  /** `tokenauth=true`: the user is the id of a delegation token. */
  readonly isToken: boolean;
  /** What both sides sign. */
  readonly bare: string;
}

export interface ClientFinal {
  readonly nonce: string;
  readonly proof: Buffer;
  readonly withoutProof: string;
}

/** Throws SaslError. */
export function parseClientFirst(token: Uint8Array): ClientFirst {
  const text = textOf(token);
  const match = CLIENT_FIRST.exec(text);
  if (match === null) throw new SaslError(`Invalid SCRAM client first message format: ${text}`);
  const [, authorizationId = '', name = '', nonce = '', extensions = ''] = match;
  return {
    user: name.replaceAll('=2C', ',').replaceAll('=3D', '='),
    authorizationId,
    nonce,
    isToken: extensions
      .split(',')
      .some((extension) => extension.toLowerCase() === 'tokenauth=true' && extension.startsWith('tokenauth=')),
    bare: `n=${name},r=${nonce}${extensions}`,
  };
}

/** Throws SaslError. */
export function parseClientFinal(token: Uint8Array): ClientFinal {
  const text = textOf(token);
  const match = CLIENT_FINAL.exec(text);
  if (match === null) throw new SaslError(`Invalid SCRAM client final message format: ${text}`);
  const [, channel = '', nonce = '', , proof = ''] = match;
  return { nonce, proof: Buffer.from(proof, 'base64'), withoutProof: `c=${channel},r=${nonce}` };
}
