// The session of a connection (Kafka: KafkaChannel and its authenticator): who it speaks for, how that was proved, and until
// when it may speak or is not listened to. One for the life of the connection; every request carries it.
import type { RequestStage, SecurityProtocol, Session } from '../../api-handlers/index.ts';
import { ANONYMOUS } from '../../protocol/index.ts';
import type { Clock, Connection } from '../../runtime/index.ts';

export interface SessionOrigin {
  readonly listenerName: string;
  readonly securityProtocol: SecurityProtocol;
  readonly socket: Pick<Connection, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;
}

export class ConnectionSession implements Session {
  principal = ANONYMOUS;
  saslMechanism: string | undefined;
  isTokenAuthenticated = false;
  expiresAtMs = Infinity;
  /** Nothing is read before this time of the monotonic clock: the connection is throttled. */
  mutedUntilMs = 0;
  readonly listenerName: string;
  readonly securityProtocol: SecurityProtocol;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;

  constructor({ listenerName, securityProtocol, socket }: SessionOrigin) {
    this.listenerName = listenerName;
    this.securityProtocol = securityProtocol;
    this.remoteAddress = socket.remoteAddress;
    this.remotePort = socket.remotePort;
    this.localAddress = socket.localAddress;
    this.localPort = socket.localPort;
  }
}

/** Closes connections whose authentication has lapsed, at their next request (KIP-368). */
export function sessionStage(clock: Clock): RequestStage {
  return {
    name: 'session',
    mayHoldBack: false,
    enter({ context }) {
      const { expiresAtMs } = context.session;
      return expiresAtMs === Infinity || clock.monotonicMs() < expiresAtMs ? undefined : { kind: 'close' };
    },
  };
}
