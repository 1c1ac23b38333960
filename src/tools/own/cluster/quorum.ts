// `cluster quorum`: who votes, who leads, who is behind.
import { table } from '../../terminal/table.ts';
import type { Work } from '../command-frame.ts';
import { shownTime } from '../times.ts';

export const describeQuorum: Work<object> = async (context) => {
  const admin = await context.admin();
  const quorum = await admin.describeMetadataQuorum(context.call);
  const { leaderId, leaderEpoch, highWatermark } = quorum;
  const end = quorum.voters.find(({ replicaId }) => replicaId === leaderId)?.logEndOffset ?? highWatermark;
  const row = (role: string) => (replica: (typeof quorum.voters)[number]) => ({
    node: replica.replicaId,
    role: replica.replicaId === leaderId ? 'leader' : role,
    directory_id: replica.directoryId ?? null,
    log_end_offset: replica.logEndOffset,
    lag: Math.max(0, end - replica.logEndOffset),
    last_caught_up: replica.lastCaughtUpTimestamp === undefined ? null : shownTime(replica.lastCaughtUpTimestamp),
  });
  const replicas = [...quorum.voters.map(row('voter')), ...quorum.observers.map(row('observer'))];
  if (!context.output.isText) {
    context.output.data({ leader_id: leaderId, leader_epoch: leaderEpoch, high_watermark: highWatermark, replicas });
    return;
  }
  context.output.facts([
    ['leader', leaderId],
    ['epoch', leaderEpoch],
    ['high watermark', highWatermark],
  ]);
  const rows = replicas.map((one) => [
    one.node,
    one.role,
    one.log_end_offset,
    one.lag,
    one.last_caught_up,
    one.directory_id,
  ]);
  context.output.text(`\n${table(['node', 'role', 'log-end-offset', 'lag', 'last-caught-up', 'directory-id'], rows)}`);
};
