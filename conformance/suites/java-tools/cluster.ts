import { same, that } from '../../suite.ts';
import { rowsOf, type Steps, TOOLS } from './session.ts';

export const QUORUM = `${TOOLS}.MetadataQuorumCommand`;
export const FEATURES = `${TOOLS}.FeatureCommand`;

export const CLUSTER: Steps = {
  'broker-api-versions': async (s) => {
    const text = await s.ok(`${TOOLS}.BrokerApiVersionsCommand`, []);
    for (const api of ['Produce(0)', 'Fetch(1)', 'ListOffsets(2)', 'Metadata(3)', 'ApiVersions(18)']) {
      that(text.includes(api), `${api} in ${text}`);
    }
    that(/\(id: 0 rack: null isFenced: false\) -> \(/.test(text), text.slice(0, 200));
  },
  'cluster cluster-id': async (s) => {
    const text = await s.ok(`${TOOLS}.ClusterTool`, ['cluster-id']);
    that(/Cluster ID: \S{22}/.test(text), text);
  },
  'cluster list-endpoints': async (s) => {
    const text = await s.ok(`${TOOLS}.ClusterTool`, ['list-endpoints']);
    that(/^0\s+127\.0\.0\.1/m.test(text) || /^0\s+localhost/m.test(text), text);
  },
  'cluster list-endpoints --include-fenced-brokers': async (s) => {
    const text = await s.ok(`${TOOLS}.ClusterTool`, ['list-endpoints', '--include-fenced-brokers']);
    const [row] = rowsOf(text, 'ID');
    same([row?.['ID'], row?.['STATE'], row?.['ENDPOINT_TYPE']], ['0', 'unfenced', 'broker'], 'endpoint');
  },
  'cluster unregister of a broker that is not there': (s) =>
    s.refused(`${TOOLS}.ClusterTool`, ['unregister', '--id', '7'], /Broker ID 7 is not currently registered/),
  'metadata-quorum describe --status': async (s) => quorumStatus(await s.ok(QUORUM, ['describe', '--status'])),
  'metadata-quorum describe --replication': async (s) => {
    const [row] = rowsOf(await s.ok(QUORUM, ['describe', '--replication']), 'NodeId');
    same([row?.['NodeId'], row?.['Lag'], row?.['Status']], ['0', '0', 'Leader'], 'replica');
    that(/^\S{22}$/.test(row?.['DirectoryId'] ?? '') && Number(row?.['LogEndOffset']) > 0, JSON.stringify(row));
    that(Number(row?.['LastFetchTimestamp']) > 1e12, 'last fetch');
  },
  'metadata-quorum describe --replication --human-readable': async (s) => {
    const text = await s.ok(QUORUM, ['describe', '--replication', '--human-readable']);
    that(/^0\s+\S{22}\s+\d+\s+0\s+\d+ ms ago\s+\d+ ms ago\s+Leader/m.test(text), text);
  },
  'features describe': async (s) => featuresDescribed(await s.ok(FEATURES, ['describe'])),
  'features upgrade to the level that is': async (s) => {
    const text = await s.ok(FEATURES, ['upgrade', '--feature', 'metadata.version=30']);
    that(text.includes('metadata.version was upgraded to 30.'), text);
  },
  'features upgrade of one that nobody knows': (s) =>
    s.refused(
      FEATURES,
      ['upgrade', '--feature', 'no.such=1'],
      /Invalid update version 1 for feature no\.such\. Local controller 0 does not support this feature/,
    ),
  'features downgrade that would lose metadata': (s) =>
    s.refused(
      FEATURES,
      ['downgrade', '--feature', 'metadata.version=20', '--dry-run'],
      /Unsupported metadata\.version downgrade from 30 to 20\. Refusing to perform the requested downgrade/,
    ),
  'features disable of metadata.version': (s) =>
    s.refused(
      FEATURES,
      ['disable', '--feature', 'metadata.version'],
      /Invalid update version 0 for feature metadata\.version\. Local controller 0 only supports versions 7-30/,
    ),
};

/** Throws unless it shows a quorum of node 0 alone. */
export function quorumStatus(text: string): void {
  const line = (name: string): string => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(text)?.[1] ?? '';
  same([line('LeaderId'), line('MaxFollowerLag'), line('CurrentObservers')], ['0', '0', '[]'], 'status');
  that(Number(line('HighWatermark')) > 0 && Number(line('LeaderEpoch')) > 0, text);
  const voters = JSON.parse(line('CurrentVoters')) as { id: number; directoryId: string; endpoints: string[] }[];
  same(
    voters.map(({ id }) => id),
    [0],
    'voters',
  );
  that(/^CONTROLLER:\/\/127\.0\.0\.1:\d+$/.test(voters[0]?.endpoints[0] ?? ''), line('CurrentVoters'));
}

/** Throws unless every feature of Kafka 4.3 is there with its range, and metadata.version at its level. */
export function featuresDescribed(text: string): void {
  const ranges = [...text.matchAll(/^Feature: (\S+)\s+SupportedMinVersion: (\S+)\s+SupportedMaxVersion: (\S+)/gm)];
  const expected = [
    'eligible.leader.replicas.version 0-1',
    'group.version 0-1',
    'kraft.version 0-1',
    'metadata.version 3.3-IV3-4.3-IV0',
    'share.version 0-1',
    'streams.version 0-1',
    'transaction.version 0-2',
  ];
  same(
    ranges.map(([, name, min, max]) => `${name} ${min}-${max}`),
    expected,
    'features',
  );
  that(/^Feature: metadata\.version .*FinalizedVersionLevel: 4\.3-IV0\s+Epoch: \d+/m.test(text), text);
}
