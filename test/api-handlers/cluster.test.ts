// DescribeCluster and DescribeQuorum.
import { expect } from 'chai';
import { describeQuorum } from '../../src/api-handlers/55-describe-quorum.ts';
import { describeCluster, describeControllers } from '../../src/api-handlers/60-describe-cluster.ts';
import type { QuorumState } from '../../src/api-handlers/index.ts';
import { Errors } from '../../src/protocol/index.ts';
import { MetadataBench } from './metadata-bench.ts';
import { answerOf, expectRecorded, recorded } from './recorded.ts';

describe('DescribeCluster', () => {
  it('answers as Apache Kafka does', async () => {
    const { identity } = new MetadataBench();
    for (const line of recorded(/^cluster\.describe\./)) {
      if (line.conn === 'c') await expectRecorded(describeCluster(identity), line);
    }
  });

  it('lists fenced brokers from version 2 on, when they are asked for', async () => {
    const bench = new MetadataBench();
    bench.addBroker(2, { isFenced: true });
    const ask = async (includeFencedBrokers: boolean) => {
      const request = { includeClusterAuthorizedOperations: false, endpointType: 1, includeFencedBrokers };
      return (await answerOf(describeCluster(bench.identity), 2, request))['brokers'] as {
        brokerId: number;
        isFenced: boolean;
      }[];
    };
    expect((await ask(false)).map(({ brokerId }) => brokerId)).to.deep.equal([1]);
    expect((await ask(true)).map(({ brokerId, isFenced }) => [brokerId, isFenced])).to.deep.equal([
      [1, false],
      [2, true],
    ]);
  });
});

describe('DescribeCluster on a controller listener', () => {
  const ask = (bench: MetadataBench, endpointType: number) =>
    answerOf(
      describeControllers(bench.identity, () => ({ leaderId: 1 }) as QuorumState),
      1,
      { includeClusterAuthorizedOperations: false, endpointType },
    );

  it('names the controllers, and refuses to speak of brokers', async () => {
    const bench = new MetadataBench();
    bench.replay([
      {
        type: 'RegisterControllerRecord',
        version: 0,
        controllerId: 1,
        incarnationId: 'AAAAAAAAAAAAAAAAAAAAAw',
        zkMigrationReady: false,
        endPoints: [{ name: 'PLAINTEXT', host: 'host1', port: 9093, securityProtocol: 0 }],
        features: [],
      },
    ]);
    expect(await ask(bench, 2)).to.deep.include({ errorCode: 0, endpointType: 2, controllerId: 1 });
    expect((await ask(bench, 2))['brokers']).to.deep.equal([
      { brokerId: 1, host: 'host1', port: 9093, rack: null, isFenced: false },
    ]);
    expect((await ask(bench, 1))['errorCode']).to.equal(Errors.MISMATCHED_ENDPOINT_TYPE);
    expect((await ask(bench, 9))['errorCode']).to.equal(Errors.UNSUPPORTED_ENDPOINT_TYPE);
  });
});

describe('DescribeQuorum', () => {
  const replica = {
    replicaId: 1,
    replicaDirectoryId: 'NMYaTIuGQW-9LTON4Usj4A',
    logEndOffset: 451,
    lastFetchTimestamp: 1795254520134,
    lastCaughtUpTimestamp: 1795254520134,
  };
  const state: QuorumState = {
    leads: true,
    leaderId: 1,
    leaderEpoch: 1,
    highWatermark: 451,
    voters: [replica],
    observers: [],
    nodes: [{ nodeId: 1, listeners: [{ name: 'CONTROLLER', host: '127.0.0.1', port: 21093 }] }],
  };

  it('answers as Apache Kafka does, other topics than the metadata log included', async () => {
    for (const line of recorded(/^cluster\.quorum\./))
      await expectRecorded(
        describeQuorum(() => state),
        line,
      );
  });
});
