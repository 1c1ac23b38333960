// The server's side of a SASL mechanism, as the gate of a connection drives it: tokens in, tokens out, until it knows who the
// client is, or refuses. The three ways to refuse are Kafka's exceptions, which look different on the wire.

/** Who has logged in. */
export interface Login {
  /** The name of the user, without its type. */
  readonly user: string;
  /** When what was shown loses its worth, in milliseconds since the epoch; Infinity where it does not. */
  readonly expiresAtMs: number;
  /** By a delegation token: such a connection may not ask for tokens itself. */
  readonly isToken: boolean;
}

export interface SaslStep {
  readonly token: Uint8Array;
  /** The exchange has come to its end. */
  readonly login?: Login;
}

/** One login, or the attempt at one. */
export interface SaslExchange {
  /** Throws, or rejects with, SaslAuthenticationError, SaslError, or any other Error, after which the connection ends. */
  evaluate(token: Uint8Array): SaslStep | Promise<SaslStep>;
}

export interface SaslMechanism {
  readonly name: string;
  begin(): SaslExchange;
}

/** The client is told the message (SaslAuthenticationException): it holds no secret, and nothing that helps to guess one. */
export class SaslAuthenticationError extends Error {
  override readonly name = 'SaslAuthenticationError';
}

/** The client is told no more than that it was refused; the message is for the log (SaslException). */
export class SaslError extends Error {
  override readonly name = 'SaslError';
}

/** What the client sent is so wrong that there is no answer: the connection is closed. */
export class BrokenExchangeError extends Error {
  override readonly name = 'BrokenExchangeError';
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** As Java reads it: what is no UTF-8 becomes the replacement character. */
export const textOf = (token: Uint8Array): string => decoder.decode(token);
