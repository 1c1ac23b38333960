// failNext over all APIs that are served and all their versions, over a socket: the answer can be read in that version, and
// carries the error where clients of that API look for it.
import { expect } from 'chai';
import { servedApis } from '../../scripts/request-types.ts';
import type { ApiName, KafkaErrorName } from '../../src/index.ts';
import { type Broker, startBroker } from '../../src/index.ts';
import { apiFacts, type ApiSchema, buildBatch, Errors, type Fields } from '../../src/protocol/index.ts';
import { CLOSED, decodeResponse, RawClient, requestOf } from '../broker/raw-client.ts';

const TOPIC = 'orders';
const GROUP = 'billing';

type Facts = Fields[string]['facts'];

/** One of everything: a request of the version that names the topic, its partition 0 and a group. */
function sampleOf(fields: Fields, version: number, topicId: string): Record<string, unknown> {
  const sample: Record<string, unknown> = {};
  for (const [key, { facts }] of Object.entries(fields)) {
    const isThere = version >= facts.versions[0] && version <= facts.versions[1];
    if (isThere && key !== 'cursor') sample[key] = valueOf(key, facts, version, topicId);
  }
  if (fields.resourceType !== undefined) Object.assign(sample, { resourceType: 2, resourceName: TOPIC });
  return sample;
}

function valueOf(key: string, facts: Facts, version: number, topicId: string): unknown {
  switch (facts.kind) {
    case 'array':
      return [valueOf(key, (facts.element as Fields[string]).facts, version, topicId)];
    case 'struct':
      return sampleOf(facts.fields ?? {}, version, topicId);
    case 'bool':
      return false;
    case 'string':
      return facts.entityType === 'topicName' ? TOPIC : facts.entityType === 'groupId' ? GROUP : 'text';
    case 'uuid':
      return key === 'topicId' ? topicId : 'AAAAAAAAAAAAAAAAAAAAAA';
    case 'bytes':
      return Buffer.from('x');
    case 'records':
      return buildBatch([{ value: Buffer.from('x'), timestamp: 0 }]);
    default:
      // A fetch without a session; a name where an id could stand beside it.
      return key === 'sessionEpoch' || key === 'acks' ? -1 : 0;
  }
}

/** Places of error codes in an answer, as `topics.partitions`, with what stands there. */
function codesIn(value: unknown, path = ''): [string, number][] {
  if (Array.isArray(value)) return value.flatMap((each) => codesIn(each, path));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).flatMap(([key, each]): [string, number][] =>
    key === 'errorCode' || key === 'partitionErrorCode'
      ? [[path, each as number]]
      : codesIn(each, path === '' ? key : `${path}.${key}`),
  );
}

/** Where the error has to stand, from which version on; the last that holds counts. '' is the answer itself. */
const PLACES: Readonly<Record<ApiName, readonly (readonly [since: number, place: string])[]>> = {
  Produce: [[0, 'responses.partitionResponses']],
  Fetch: [[0, 'responses.partitions']],
  ListOffsets: [[0, 'topics.partitions']],
  Metadata: [[0, 'topics']],
  OffsetCommit: [[0, 'topics.partitions']],
  OffsetFetch: [
    [0, 'topics.partitions'],
    [2, ''],
    [8, 'groups'],
  ],
  FindCoordinator: [
    [0, ''],
    [4, 'coordinators'],
  ],
  JoinGroup: [[0, '']],
  Heartbeat: [[0, '']],
  LeaveGroup: [[0, '']],
  SyncGroup: [[0, '']],
  DescribeGroups: [[0, 'groups']],
  ListGroups: [[0, '']],
  ApiVersions: [[0, '']],
  CreateTopics: [[0, 'topics']],
  DeleteTopics: [[0, 'responses']],
  DeleteRecords: [[0, 'topics.partitions']],
  InitProducerId: [[0, '']],
  AddPartitionsToTxn: [
    [0, 'resultsByTopicV3AndBelow.resultsByPartition'],
    [4, ''],
  ],
  AddOffsetsToTxn: [[0, '']],
  EndTxn: [[0, '']],
  WriteTxnMarkers: [[0, 'markers.topics.partitions']],
  TxnOffsetCommit: [[0, 'topics.partitions']],
  DescribeTransactions: [[0, 'transactionStates']],
  ListTransactions: [[0, '']],
  OffsetForLeaderEpoch: [[0, 'topics.partitions']],
  DescribeConfigs: [[0, 'results']],
  AlterConfigs: [[0, 'responses']],
  AlterReplicaLogDirs: [[0, 'results.partitions']],
  DescribeLogDirs: [
    [0, 'results'],
    [3, ''],
  ],
  CreatePartitions: [[0, 'results']],
  DeleteGroups: [[0, 'results']],
  ElectLeaders: [[0, 'replicaElectionResults.partitionResult']],
  IncrementalAlterConfigs: [[0, 'responses']],
  AlterPartitionReassignments: [[0, 'responses.partitions']],
  ListPartitionReassignments: [[0, '']],
  OffsetDelete: [[0, '']],
  DescribeQuorum: [[0, '']],
  UpdateFeatures: [[0, '']],
  DescribeCluster: [[0, '']],
  GetTelemetrySubscriptions: [[0, '']],
  PushTelemetry: [[0, '']],
  DescribeProducers: [[0, 'topics.partitions']],
  UnregisterBroker: [[0, '']],
  ListConfigResources: [[0, '']],
  ConsumerGroupHeartbeat: [[0, '']],
  ConsumerGroupDescribe: [[0, 'groups']],
  StreamsGroupHeartbeat: [[0, '']],
  StreamsGroupDescribe: [[0, 'groups']],
  DescribeTopicPartitions: [[0, 'topics']],
  ShareGroupHeartbeat: [[0, '']],
  ShareGroupDescribe: [[0, 'groups']],
  ShareFetch: [[0, '']],
  ShareAcknowledge: [[0, '']],
  InitializeShareGroupState: [[0, 'results.partitions']],
  ReadShareGroupState: [[0, 'results.partitions']],
  WriteShareGroupState: [[0, 'results.partitions']],
  DeleteShareGroupState: [[0, 'results.partitions']],
  ReadShareGroupStateSummary: [[0, 'results.partitions']],
  DescribeShareGroupOffsets: [[0, 'groups']],
  AlterShareGroupOffsets: [[0, '']],
  SaslHandshake: [[0, '']],
  SaslAuthenticate: [[0, '']],
  DescribeAcls: [[0, '']],
  CreateAcls: [[0, 'results']],
  DeleteAcls: [[0, 'filterResults']],
  CreateDelegationToken: [[0, '']],
  RenewDelegationToken: [[0, '']],
  ExpireDelegationToken: [[0, '']],
  DescribeDelegationToken: [[0, '']],
  DescribeClientQuotas: [[0, '']],
  AlterClientQuotas: [[0, 'entries']],
  DescribeUserScramCredentials: [[0, '']],
  AlterUserScramCredentials: [[0, 'results']],
  AddRaftVoter: [[0, '']],
  RemoveRaftVoter: [[0, '']],
  DeleteShareGroupOffsets: [[0, '']],
};

/** Errors that belong to another place than most of their API do. */
const OTHERS: readonly [ApiName, since: number, KafkaErrorName, place: string][] = [
  ['Fetch', 7, 'FETCH_SESSION_ID_NOT_FOUND', ''],
  ['OffsetFetch', 1, 'UNSTABLE_OFFSET_COMMIT', 'topics.partitions'],
  ['OffsetFetch', 8, 'UNSTABLE_OFFSET_COMMIT', 'groups.topics.partitions'],
  ['OffsetDelete', 0, 'GROUP_SUBSCRIBED_TO_TOPIC', 'topics.partitions'],
];

const placeFor = (places: readonly (readonly [number, string])[], version: number): string =>
  places.filter(([since]) => version >= since).at(-1)?.[1] ?? '';

function expectError(answer: unknown, name: KafkaErrorName, place: string): void {
  const codes = codesIn(answer);
  const there = codes.filter(([path]) => path === place);
  expect(there, `${place}: ${JSON.stringify(codes)}`).not.to.deep.equal([]);
  for (const [, code] of there) expect(code).to.equal(Errors[name]);
}

describe('failNext over the wire', () => {
  let broker: Broker;
  let client: RawClient;
  let topicId = '';
  let apis: ApiSchema[];

  before(async () => {
    broker = await startBroker({
      profile: 'test',
      topics: { [TOPIC]: 1 },
      onRequest: (request) => void seen.push(request.topics),
    });
    client = await RawClient.connect(broker.port);
    const served = await servedApis();
    apis = [...served.values()].filter(({ key }) => apiFacts(key)?.brokerListener);
    const metadata = apis.find(({ name }) => name === 'Metadata') as ApiSchema;
    const { topics } = (await client.ask(metadata, 12, { topics: [{ name: TOPIC }] })) as unknown as {
      topics: { topicId: string }[];
    };
    topicId = topics[0]?.topicId ?? '';
  });
  after(async () => {
    client.destroy();
    await broker.close();
  });
  const seen: (readonly string[])[] = [];

  async function refused(api: ApiSchema, version: number, error: KafkaErrorName): Promise<unknown> {
    const isAboutTopic = JSON.stringify(sampleOf(api.request.fields, version, topicId)).match(`${TOPIC}|${topicId}`);
    const plan = broker.failNext(
      { api: api.name as ApiName, version, ...(isAboutTopic !== null && { topic: TOPIC }), clientId: 'raw' },
      error,
    );
    seen.length = 0;
    client.send(requestOf(api, version, sampleOf(api.request.fields, version, topicId)));
    const frame = await client.next();
    if (frame === CLOSED) throw new Error(`${api.name} ${version}: closed`);
    expect(plan.remaining, `${api.name} ${version} was not recognised`).to.equal(0);
    expect(seen[0], `${api.name} ${version}`).to.deep.equal(isAboutTopic === null ? [] : [TOPIC]);
    return decodeResponse(api, version, frame);
  }

  it('puts the error where it belongs, for every API and version', async () => {
    expect(apis.map(({ name }) => name).sort()).to.deep.equal(Object.keys(PLACES).sort());
    for (const api of apis) {
      const highest = apiFacts(api.key)?.advertisedMaxVersion ?? 0;
      for (let version = api.versions[0]; version <= highest; version++) {
        const answer = await refused(api, version, 'REQUEST_TIMED_OUT');
        expectError(answer, 'REQUEST_TIMED_OUT', placeFor(PLACES[api.name as ApiName], version));
      }
    }
  });

  for (const [name, since, error, place] of OTHERS) {
    it(`puts ${error} of ${name} ${since} at ${place === '' ? 'the top' : place}`, async () => {
      const api = apis.find((each) => each.name === name) as ApiSchema;
      expectError(await refused(api, since, error), error, place);
    });
  }

  it('leaves the requests of others alone, and those of other partitions', async () => {
    const [produce] = apis as [ApiSchema];
    const plans = [
      broker.failNext({ api: 'Produce', topic: 'payments' }, 'NOT_LEADER_OR_FOLLOWER'),
      broker.failNext({ api: 'Produce', topic: TOPIC, partition: 1 }, 'NOT_LEADER_OR_FOLLOWER'),
      broker.failNext({ api: 'Produce', partition: 1 }, 'NOT_LEADER_OR_FOLLOWER'),
      broker.failNext({ api: 'Produce', clientId: 'else' }, 'NOT_LEADER_OR_FOLLOWER'),
      broker.failNext({ api: 'Produce', version: 8 }, 'NOT_LEADER_OR_FOLLOWER'),
      broker.failNext({ api: 'Fetch' }, 'NOT_LEADER_OR_FOLLOWER'),
    ];
    const answer = await client.ask(produce, 9, sampleOf(produce.request.fields, 9, topicId));
    expect(codesIn(answer)).to.deep.equal([['responses.partitionResponses', 0]]);
    expect(plans.map(({ remaining }) => remaining)).to.deep.equal([1, 1, 1, 1, 1, 1]);
    for (const plan of plans) plan.cancel();
  });

  it('closes the connection of a Produce that wants no answer', async () => {
    const [produce] = apis as [ApiSchema];
    const other = await RawClient.connect(broker.port);
    broker.failNext({ api: 'Produce', partition: 0 }, 'KAFKA_STORAGE_ERROR');
    other.send(requestOf(produce, 9, { ...sampleOf(produce.request.fields, 9, topicId), acks: 0 }));
    await other.ended();
    other.destroy();
  });
});
