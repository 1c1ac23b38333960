// The file `quorum-state`: in which epoch we are, whom we voted for, who leads. It is on stable storage before anyone may
// rely on it (Kafka: FileQuorumStateStore). Version 1 knows directory ids; version 0 belongs to kraft.version 0.
import { ZERO_UUID } from '../../protocol/index.ts';
import { type Disk, readTextSync, replaceFileSync } from '../../runtime/index.ts';
import type { ReplicaKey } from './replica-key.ts';

export const NO_NODE = -1;
/** An epoch must leave room for the next one. */
const LARGEST_INT32 = 0x7fff_ffff;

export interface ElectionState {
  readonly epoch: number;
  /** NO_NODE: unknown. */
  readonly leaderId: number;
  /** Whom we voted for in this epoch; NO_NODE: nobody. */
  readonly votedId: number;
  /** The zero uuid: not known. */
  readonly votedDirectoryId: string;
}

/** What a state of Raft has to keep; from Kafka 4.0 on a leader and a vote can stand together. */
export function electionOf(state: {
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly voted: ReplicaKey | undefined;
}): ElectionState {
  const { epoch, leaderId = NO_NODE, voted } = state;
  return { epoch, leaderId, votedId: voted?.id ?? NO_NODE, votedDirectoryId: voted?.directoryId ?? ZERO_UUID };
}

export class QuorumStateError extends Error {
  override readonly name = 'QuorumStateError';
}

export class ElectionStateFile {
  readonly #disk: Disk;
  readonly #path: string;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#path = `${directory}/quorum-state`;
  }

  /** undefined on a fresh directory. Throws QuorumStateError for what no version of Kafka has written. */
  read(): ElectionState | undefined {
    const text = readTextSync(this.#disk, this.#path);
    return text === undefined ? undefined : parseElectionState(text, this.#path);
  }

  /** Durable when it returns. Throws DiskError. */
  write(state: ElectionState, kraftVersion: number, voterIds: readonly number[]): void {
    replaceFileSync(this.#disk, this.#path, formatElectionState(state, kraftVersion, voterIds));
  }
}

/** Key order and spacing are those of Kafka's own writer. */
export function formatElectionState(state: ElectionState, kraftVersion: number, voterIds: readonly number[]): string {
  const { leaderId, epoch: leaderEpoch, votedId, votedDirectoryId } = state;
  if (kraftVersion >= 1) return JSON.stringify({ leaderId, leaderEpoch, votedId, votedDirectoryId, data_version: 1 });
  const currentVoters = voterIds.map((voterId) => ({ voterId }));
  return JSON.stringify({
    clusterId: '',
    leaderId,
    leaderEpoch,
    votedId,
    appliedOffset: 0,
    currentVoters,
    data_version: 0,
  });
}

export function parseElectionState(text: string, path: string): ElectionState {
  const fields = parseObject(text, path);
  const version = fields.data_version;
  if (version !== 0 && version !== 1) {
    throw damaged(path, `has the unknown data_version ${String(version)}`);
  }
  const whole = (name: string, least: number): number => {
    const value = fields[name];
    const isValid = typeof value === 'number' && Number.isInteger(value) && value >= least && value < LARGEST_INT32;
    if (!isValid) throw damaged(path, `has no valid ${name}`);
    return value;
  };
  const votedDirectoryId = fields.votedDirectoryId;
  return {
    epoch: whole('leaderEpoch', 0),
    leaderId: whole('leaderId', NO_NODE),
    votedId: whole('votedId', NO_NODE),
    votedDirectoryId: typeof votedDirectoryId === 'string' ? votedDirectoryId : ZERO_UUID,
  };
}

function parseObject(text: string, path: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch (error) {
    throw damaged(path, `is not JSON: ${String(error)}`);
  }
  throw damaged(path, 'is not a JSON object');
}

/** A vote that was given must not be forgotten; where nobody else votes there is nothing to forget. */
function damaged(path: string, reason: string): QuorumStateError {
  const remedy = 'Put it back from a copy; where this node is the only voter it may be removed';
  return new QuorumStateError(`${path} ${reason}. ${remedy}`);
}
