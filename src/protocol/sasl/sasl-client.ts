// The client's side of a SASL mechanism: a first token, then an answer to each of the server's, until both are content.

export interface SaslClient {
  readonly mechanism: string;
  first(): Uint8Array | Promise<Uint8Array>;
  /** The next token; undefined: the server has proved itself, nothing more is to be said. Rejects with SaslClientError. */
  next(challenge: Uint8Array): Promise<Uint8Array | undefined>;
}

/** What the server says is not right: it may not be who it claims to be. */
export class SaslClientError extends Error {
  override readonly name = 'SaslClientError';
}

/** RFC 4616. The server proves nothing: it is for connections that TLS protects. */
export class PlainClient implements SaslClient {
  readonly mechanism = 'PLAIN';
  readonly #token: Uint8Array;

  constructor(user: string, password: string) {
    this.#token = Buffer.from(`\0${user}\0${password}`, 'utf8');
  }

  first(): Uint8Array {
    return this.#token;
  }

  next(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}
