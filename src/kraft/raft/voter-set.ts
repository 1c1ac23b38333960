// Who votes (KIP-853): node ids with the directory id of their metadata log and the endpoints of their controller.
// With kraft.version 0 voters come from controller.quorum.voters and are known by id alone.
import { ZERO_UUID } from '../../protocol/index.ts';
import type { Endpoint } from '../../runtime/index.ts';
import type { VotersRecord } from './control-records.ts';

export interface Voter {
  readonly id: number;
  /** The zero uuid when it is not known: static voters. */
  readonly directoryId: string;
  readonly endpoints: readonly Endpoint[];
  readonly minKraftVersion: number;
  readonly maxKraftVersion: number;
}

export class VoterSet {
  readonly voters: readonly Voter[];

  constructor(voters: readonly Voter[]) {
    this.voters = voters;
  }

  static fromRecord(record: VotersRecord): VoterSet {
    return new VoterSet(
      record.voters.map((voter) => ({
        id: voter.voterId,
        directoryId: voter.voterDirectoryId,
        endpoints: voter.endpoints,
        minKraftVersion: voter.kRaftVersionFeature.minSupportedVersion,
        maxKraftVersion: voter.kRaftVersionFeature.maxSupportedVersion,
      })),
    );
  }

  get size(): number {
    return this.voters.length;
  }

  get ids(): number[] {
    return this.voters.map((voter) => voter.id);
  }

  get(id: number): Voter | undefined {
    return this.voters.find((voter) => voter.id === id);
  }

  /** True when the node is a voter; its directory counts only where the set knows directories. */
  includes(id: number, directoryId: string): boolean {
    const voter = this.get(id);
    return voter !== undefined && (voter.directoryId === ZERO_UUID || voter.directoryId === directoryId);
  }

  isOnlyVoter(id: number, directoryId: string): boolean {
    return this.size === 1 && this.includes(id, directoryId);
  }

  /** The same voters, one of them with its directory: kraft.version 0 knew them by id alone. */
  withDirectory(id: number, directoryId: string): VoterSet {
    return new VoterSet(this.voters.map((voter) => (voter.id === id ? { ...voter, directoryId } : voter)));
  }

  /** The same voters, one of them reachable elsewhere; this very set when it already says so. */
  withEndpoints(id: number, endpoints: readonly Endpoint[]): VoterSet {
    const before = this.get(id);
    if (before === undefined || sameEndpoints(before.endpoints, endpoints)) return this;
    return new VoterSet(this.voters.map((voter) => (voter === before ? { ...voter, endpoints } : voter)));
  }

  toRecord(): VotersRecord {
    return {
      version: 0,
      voters: this.voters.map((voter) => ({
        voterId: voter.id,
        voterDirectoryId: voter.directoryId,
        endpoints: voter.endpoints.map(({ name, host, port }) => ({ name, host, port })),
        kRaftVersionFeature: {
          minSupportedVersion: voter.minKraftVersion,
          maxSupportedVersion: voter.maxKraftVersion,
        },
      })),
    };
  }
}

export function sameEndpoints(one: readonly Endpoint[], other: readonly Endpoint[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, host, port }, index) => {
      const there = other[index] as Endpoint;
      return there.name === name && there.host === host && there.port === port;
    })
  );
}
