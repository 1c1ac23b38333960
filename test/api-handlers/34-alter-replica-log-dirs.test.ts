import { expect } from 'chai';
import { alterReplicaLogDirs } from '../../src/api-handlers/34-alter-replica-log-dirs.ts';
import { Errors } from '../../src/protocol/index.ts';
import { LOG_DIR, RecordPath } from './record-path.ts';
import { expectRecorded, recorded } from './recorded.ts';

describe('AlterReplicaLogDirs', () => {
  it('answers as Apache Kafka does for a directory that this node does not have', async () => {
    const path = await RecordPath.open();
    path.createTopic('meta');
    for (const line of recorded(/^cluster\.alterlogdirs\./)) {
      await expectRecorded(alterReplicaLogDirs(path.replicas), line);
    }
  });

  it('has nothing to do for a replica that lies there already, and says what it does not have', async () => {
    const path = await RecordPath.open();
    path.createTopic('meta');
    const topics = [
      { name: 'meta', partitions: [0, 7] },
      { name: 'nope', partitions: [0] },
    ];
    const { results } = await path.ask(alterReplicaLogDirs(path.replicas), 2, { dirs: [{ path: LOG_DIR, topics }] });
    expect(results).to.deep.equal([
      {
        topicName: 'meta',
        partitions: [
          { partitionIndex: 0, errorCode: Errors.NONE },
          { partitionIndex: 7, errorCode: Errors.REPLICA_NOT_AVAILABLE },
        ],
      },
      { topicName: 'nope', partitions: [{ partitionIndex: 0, errorCode: Errors.REPLICA_NOT_AVAILABLE }] },
    ]);
  });
});
