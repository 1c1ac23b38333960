// R1 and R2 from the file that every voter has to write before it may act on it: epochs go up, a vote is given once, an epoch has one
// leader. Looked at when it is another file than before.
import { type MemoryDirectory, nodeAt } from '../../../src/runtime/memory/tree.ts';
import type { Cluster } from './cluster.ts';
import { nameOf } from './node-config.ts';
import { ensure } from './violation.ts';

interface QuorumState {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly votedId: number;
}

const DIRECTORY = '/data/__cluster_metadata-0';
const FILE = 'quorum-state';

export class QuorumWatch {
  readonly #cluster: Cluster;
  readonly #files = new Map<number, unknown>();
  /** Of each node, as long as its disk is the same. */
  readonly #directories = new Map<number, { readonly root: MemoryDirectory; readonly directory: MemoryDirectory }>();
  readonly #epochs = new Map<number, number>();
  /** Epoch → leader, as whoever told it first. */
  readonly #leaders = new Map<number, { leaderId: number; by: number }>();
  readonly #votes = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** How many epochs have had a leader. */
  get elections(): number {
    return this.#leaders.size;
  }

  /** Throws Violation. */
  check(): void {
    for (const { id, machine } of this.#cluster.nodes) {
      const file = this.#directoryOf(id, machine.disk.root)?.entries.get(FILE);
      if (file?.kind !== 'file' || this.#files.get(id) === file) continue;
      this.#files.set(id, file);
      this.#checkState(id, JSON.parse(Buffer.from(file.bytes.toBytes()).toString()) as QuorumState);
    }
  }

  #directoryOf(id: number, root: MemoryDirectory): MemoryDirectory | undefined {
    const known = this.#directories.get(id);
    if (known?.root === root) return known.directory;
    const directory = nodeAt(root, DIRECTORY);
    if (directory?.kind !== 'directory') return undefined;
    this.#directories.set(id, { root, directory });
    return directory;
  }

  #checkState(id: number, { leaderId, leaderEpoch, votedId }: QuorumState): void {
    const name = nameOf(id);
    const before = this.#epochs.get(id) ?? -1;
    ensure(leaderEpoch >= before, 'R2', () => `${name} goes back from epoch ${before} to ${leaderEpoch}`);
    this.#epochs.set(id, leaderEpoch);
    if (votedId >= 0) {
      const key = `${id} ${leaderEpoch}`;
      const vote = this.#votes.get(key) ?? votedId;
      ensure(vote === votedId, 'R2', () => `${name} votes in epoch ${leaderEpoch} for ${vote} and for ${votedId}`);
      this.#votes.set(key, votedId);
    }
    if (leaderId < 0) return;
    const known = this.#leaders.get(leaderEpoch) ?? { leaderId, by: id };
    ensure(
      known.leaderId === leaderId,
      'R1',
      () =>
        `epoch ${leaderEpoch} is led by ${known.leaderId} (says ${nameOf(known.by)}) and by ${leaderId} (says ${name})`,
    );
    this.#leaders.set(leaderEpoch, known);
  }
}
