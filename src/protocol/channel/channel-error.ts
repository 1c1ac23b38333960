// Why a request has no answer. To whoever answers a client with it, it is an error of Kafka's like any other.
import { type ErrorCode, Errors, KafkaError } from '../errors.ts';

export type ChannelFault =
  /** The connection went before the answer came: what was asked for may have been done. */
  | 'disconnected'
  /** No answer came in time: as above, unless the request was still waiting for a connection. */
  | 'timed out'
  /** What the peer sent is no answer. */
  | 'broken'
  /** The peer and we have no version of the API in common. */
  | 'unsupported version'
  /** The peer does not let us in, or cannot prove who it is. */
  | 'login refused'
  /** More requests wait already than may. */
  | 'too many waiting'
  /** The channel is closed, or closing. */
  | 'closed';

const codes: Readonly<Record<ChannelFault, ErrorCode>> = {
  disconnected: Errors.NETWORK_EXCEPTION,
  'timed out': Errors.REQUEST_TIMED_OUT,
  broken: Errors.NETWORK_EXCEPTION,
  'unsupported version': Errors.UNSUPPORTED_VERSION,
  'login refused': Errors.SASL_AUTHENTICATION_FAILED,
  'too many waiting': Errors.REQUEST_TIMED_OUT,
  closed: Errors.NETWORK_EXCEPTION,
};

export class ChannelError extends KafkaError {
  readonly fault: ChannelFault;

  constructor(fault: ChannelFault, detail: string) {
    super(codes[fault], `${fault}: ${detail}`);
    this.fault = fault;
  }
}
