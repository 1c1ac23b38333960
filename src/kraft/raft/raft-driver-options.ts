// What the driver of Raft is made of.
import type { Clock, Disk, Endpoint, Logger, Random } from '../../runtime/index.ts';
import type { QuorumOptions } from './quorum-peers.ts';
import type { RecordSerde } from './raft-listener.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { Voter } from './voter-set.ts';

export interface RaftDriverOptions<T> {
  readonly nodeId: number;
  /** The directory that holds the log, with quorum-state and the snapshots. */
  readonly directory: string;
  readonly directoryId: string;
  /** Where our controller listens; empty: what the log says stays. */
  readonly endpoints: readonly Endpoint[];
  /** controller.quorum.voters; counts only where the log has no voters (kraft.version 0). */
  readonly staticVoters: readonly Voter[];
  readonly log: ReplicatedLog;
  /** Left out: this node speaks to no other, and has to be the only voter. */
  readonly quorum?: QuorumOptions;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serde: RecordSerde<T>;
  /** metadata.max.retention.bytes and .ms; below 0: without limit. */
  readonly retentionBytes: number;
  readonly retentionMs: number;
  /** Called once when a listener failed; nothing is appended or delivered from then on. */
  readonly onFault: (error: Error) => void;
}

/** Who is alone draws no lots. */
export const NO_CHANCE: Random = { next: () => 0, bytes: (sizeBytes) => new Uint8Array(sizeBytes) };
