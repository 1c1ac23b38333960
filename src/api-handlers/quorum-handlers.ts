// What a controller listener serves of the metadata log itself, to its replicas and to those who change its voters.
import type { MetadataReplica } from './metadata-replica.ts';
import { serve, type ServedApi } from './served-api.ts';

export function quorumHandlers(replica: () => Promise<MetadataReplica>): ServedApi[] {
  return [
    serve(1, async () => (await import('./01-fetch-metadata-log.ts')).fetchMetadataLog(await replica())),
    serve(52, async () => (await import('./52-vote.ts')).vote(await replica())),
    serve(53, async () => (await import('./53-begin-quorum-epoch.ts')).beginQuorumEpoch(await replica())),
    serve(54, async () => (await import('./54-end-quorum-epoch.ts')).endQuorumEpoch(await replica())),
    serve(59, async () => (await import('./59-fetch-snapshot.ts')).fetchSnapshot(await replica())),
    serve(80, async () => {
      const [{ addRaftVoter }, voters] = await Promise.all([import('./80-add-raft-voter.ts'), replica()]);
      return addRaftVoter((request) => voters.addRaftVoter(request));
    }),
    serve(81, async () => {
      const [{ removeRaftVoter }, voters] = await Promise.all([import('./81-remove-raft-voter.ts'), replica()]);
      return removeRaftVoter((request) => voters.removeRaftVoter(request));
    }),
    serve(82, async () => (await import('./82-update-raft-voter.ts')).updateRaftVoter(await replica())),
  ];
}
