// Voters that come and go while all else goes on (KIP-853), and levels of features that are raised: asked for as an administrator does,
// who asks again until it is so.
import type { ClusterClient } from '../../../src/client/index.ts';
import { LATEST_METADATA_VERSION } from '../../../src/kraft/metadata/index.ts';
import { Errors, METADATA_TOPIC } from '../../../src/protocol/index.ts';
import { DescribeQuorum } from '../../../src/protocol/messages/55-describe-quorum.ts';
import { UpdateFeatures } from '../../../src/protocol/messages/57-update-features.ts';
import { AddRaftVoter } from '../../../src/protocol/messages/80-add-raft-voter.ts';
import { RemoveRaftVoter } from '../../../src/protocol/messages/81-remove-raft-voter.ts';
import { type Clock, delay } from '../../../src/runtime/index.ts';
import { CLUSTER_ID, voterOf } from './node-config.ts';

const ASK_AGAIN_MS = 300;
const UPGRADE = 1;

export interface VoterChangesOptions {
  readonly admin: ClusterClient;
  readonly clock: Clock;
  readonly ids: readonly number[];
  readonly metadataVersion: number;
  readonly tell: (line: string) => void;
}

export class VoterChanges {
  readonly #options: VoterChangesOptions;
  #metadataVersion: number;
  /** One administrator, who does one thing after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: VoterChangesOptions) {
    this.#options = options;
    this.#metadataVersion = options.metadataVersion;
  }

  /** It votes no more for a while. */
  leave(id: number, forMs: number): void {
    this.#last = this.#last.then(async () => {
      await this.#remove(id);
      await delay(this.#options.clock, forMs);
      await this.#add(id);
    });
  }

  /** By so many levels, as far as there are. */
  raise(by: number): void {
    this.#last = this.#last.then(async () => {
      this.#metadataVersion = Math.min(LATEST_METADATA_VERSION, this.#metadataVersion + by);
      const featureUpdates = [
        {
          feature: 'metadata.version',
          maxVersionLevel: this.#metadataVersion,
          allowDowngrade: false,
          upgradeType: UPGRADE,
        },
      ];
      await this.#until('features', async () => {
        const asked = { timeoutMs: 2_000, featureUpdates, validateOnly: false };
        const { errorCode } = await this.#options.admin.askAny(UpdateFeatures, asked);
        return errorCode === Errors.NONE;
      });
    });
  }

  /** Resolves when all that was asked for is so, and everybody votes. */
  async settled(): Promise<void> {
    await this.#last;
    await this.#until('voters', async () => (await this.#voters()).size === this.#options.ids.length);
  }

  async #remove(id: number): Promise<void> {
    const { directoryId: voterDirectoryId } = voterOf(id);
    await this.#until(`remove ${id}`, async () => {
      if (!(await this.#voters()).has(id)) return true;
      const { errorCode } = await this.#options.admin.askAny(RemoveRaftVoter, {
        clusterId: CLUSTER_ID,
        voterId: id,
        voterDirectoryId,
      });
      return errorCode === Errors.NONE;
    });
  }

  async #add(id: number): Promise<void> {
    const { directoryId: voterDirectoryId, endpoints } = voterOf(id);
    await this.#until(`add ${id}`, async () => {
      if ((await this.#voters()).has(id)) return true;
      const { errorCode } = await this.#options.admin.askAny(AddRaftVoter, {
        clusterId: CLUSTER_ID,
        timeoutMs: 2_000,
        voterId: id,
        voterDirectoryId,
        listeners: endpoints.map(({ name, host, port }) => ({ name, host, port })),
        ackWhenCommitted: true,
      });
      return errorCode === Errors.NONE;
    });
  }

  async #voters(): Promise<ReadonlySet<number>> {
    const topics = [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }];
    const answer = await this.#options.admin.askAny(DescribeQuorum, { topics });
    const found = answer.topics[0]?.partitions[0];
    if (found === undefined || found.errorCode !== Errors.NONE) throw new Error(`DescribeQuorum: ${found?.errorCode}`);
    return new Set(found.currentVoters.map(({ replicaId }) => replicaId));
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (;;) {
      const done = await isSo().catch((error: unknown) => {
        this.#options.tell(`admin: ${what}: ${String(error)}`);
        return false;
      });
      if (done) return;
      await delay(this.#options.clock, ASK_AGAIN_MS);
    }
  }
}
