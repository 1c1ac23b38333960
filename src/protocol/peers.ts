// The other brokers of the cluster, as rooms that speak to them see them: by node id. Where a node listens, and with which
// security, is the affair of who makes the channels.
import type { Channel, ChannelLimits } from './channel.ts';

export interface Peers {
  /**
   * The channel that all who have a question for this node share; undefined while the cluster does not know where it is.
   * `line`: answers come in the order of the questions, so those that may wait for a disk or for replicas have a line of
   * their own, which is shared by those of the same name.
   */
  to(nodeId: number, line?: string): Channel | undefined;
  /**
   * A channel of one's own, closed by who opened it: for those whose long waits must not hold up others (fetchers).
   * undefined while the cluster does not know where the node is.
   */
  open(nodeId: number, clientId: string, limits?: Partial<ChannelLimits>): Channel | undefined;
}
