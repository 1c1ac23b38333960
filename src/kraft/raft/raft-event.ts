// What happens to the core of Raft.
import type { PeerAnswer, PeerAsk } from './peer-messages.ts';
import type { Quorum } from './voter-history.ts';

export type RaftEvent =
  /** The log is open: time to take part. */
  | { readonly kind: 'start' }
  /** The deadline of the last effects has passed. */
  | { readonly kind: 'timeout' }
  /** This process, or its machine, stood still: so much of the silence of others was our own. */
  | { readonly kind: 'stalled'; readonly byMs: number }
  /** Everything before `endOffset` is on stable storage. */
  | { readonly kind: 'flushed'; readonly endOffset: number }
  /** The log has been cut as asked. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'piece written' }
  /** The snapshot is there, and the log begins anew behind it. */
  | { readonly kind: 'snapshot installed'; readonly quorum: Quorum }
  | { readonly kind: 'snapshot unusable' }
  /** The disk refused. */
  | { readonly kind: 'write failed' }
  /** What was not flushed is cut off. */
  | { readonly kind: 'recovered' }
  /** A request of a peer. A fetch may be asked again, when something has happened (`isAgain`) or for the last time. */
  | { readonly kind: 'asked'; readonly ask: PeerAsk; readonly isAgain?: boolean; readonly isLast?: boolean }
  /** A change of the voters, which ends with an effect `finished` of the same operation. */
  | { readonly kind: 'change'; readonly operation: number; readonly ask: PeerAsk }
  | { readonly kind: 'answered'; readonly number: number; readonly answer: PeerAnswer }
  /** No answer will come. `isUnsupported`: the peer does not know such a request. */
  | { readonly kind: 'unanswered'; readonly number: number; readonly isUnsupported: boolean }
  /** Nobody listens at the port of this node: its process is dead. */
  | { readonly kind: 'refused'; readonly nodeId: number }
  | { readonly kind: 'shutdown' };

/** Who speaks; -1: not known. */
export function askerOf(ask: PeerAsk): number {
  switch (ask.kind) {
    case 'vote':
      return ask.candidate.id;
    case 'begin epoch':
    case 'end epoch':
      return ask.leaderId;
    case 'fetch':
    case 'fetch snapshot':
      return ask.replica.id;
    default:
      return -1;
  }
}
