// kafka-go's own tests: an old to middle band of versions, one test file per API, a strict parser. They dial localhost:9092
// (and 9093 for SASL), so that this suite alone stands on fixed ports.

import { join } from 'node:path';
import { Skip, type Suite, type SuiteContext } from '../suite.ts';
import { isFree, type RunningBroker } from '../targets/target.ts';
import { describeEnd, exec } from '../toolchain/exec.ts';
import { type GoTests, goTests } from '../toolchain/go.ts';
import { WireConnection } from '../wire/connection.ts';
import { alterScramCredential } from '../wire/config-requests.ts';

const MODULE = 'github.com/segmentio/kafka-go';
const VERSION = 'v0.4.51';
const PORT = 9092;
const SASL_PORT = 9093;
const TEST_LIMIT_MS = 120_000;

/**
 * Package to its tests that fail without a broker; the other 89 pass against a closed port, and so say nothing.
 * TestConsumerGroupWithMissingTopic and TestReadTruncatedMessages skip themselves whatever they meet.
 */
const TESTS: Readonly<Record<string, string>> = {
  '.': `
    TestAlterUserScramCredentials TestBatchDontExpectEOF TestClient TestClientAddOffsetsToTxn
    TestClientAddPartitionsToTxn TestClientAlterClientQuotas TestClientAlterConfigs
    TestClientAlterPartitionReassignments TestClientAlterPartitionReassignmentsMultiTopics TestClientApiVersions
    TestClientCreateACLs TestClientCreatePartitions TestClientCreatePartitionsNoAssignments TestClientCreateTopics
    TestClientDeleteACLs TestClientDeleteGroups TestClientDeleteOffset TestClientDeleteTopics TestClientDescribeACLs
    TestClientDescribeConfigs TestClientDescribeGroups TestClientElectLeaders TestClientFetch
    TestClientFetchCompressed TestClientFindCoordinator TestClientHeartbeat TestClientIncrementalAlterConfigs
    TestClientInitProducerId TestClientJoinGroup TestClientLeaveGroup TestClientListGroups TestClientListOffsets
    TestClientListPartitionReassignments TestClientMetadata TestClientOffsetCommit TestClientPipeline
    TestClientProduce TestClientProduceAndConsume TestClientProduceCompressed TestClientProduceEmptyRecords
    TestClientProduceNilRecords TestClientRawProduce TestClientRawProduceCompressed TestClientRawProduceEmptyRecords
    TestClientRawProduceNilRecords TestClientSyncGroup TestClientTxnOffsetCommit TestCloseLeavesGroup TestConn
    TestConnCreateTopics TestConsumerGroup TestConsumerGroupWithGroupTopicsMultiple
    TestConsumerGroupWithGroupTopicsSingle TestConsumerGroupWithTopic
    TestDescribeUserScramCredentials TestDialer TestDialerResolver TestDialerTLS TestOffsetFetchRequestWithNoTopic
    TestOffsetFetchRequestWithOneTopic TestReadPartitionsNoTopic TestReader
    TestReaderConsumerGroup TestReaderOnNonZeroPartition TestReaderReadCompactedMessage TestReaderTruncatedResponse
    TestRebalanceTooManyConsumers TestUnsupportedSASLMechanism TestWriteV2RecordBatch TestWriter`,
  sasl: 'TestSASL',
  topics: 'TestListRe',
};

/** These skip themselves from Kafka 3.0 on, in the belief that they fail there; all but one do not. */
const BELIEVED_TO_FAIL =
  /^Test(ClientAddOffsetsToTxn|ClientAddPartitionsToTxn|ClientTxnOffsetCommit|ClientInitProducerId)$/;

/** Profile S1g beyond the ports. */
const PROFILE_S1G: Readonly<Record<string, string>> = {
  'node.id': '1',
  'num.partitions': '1',
  // With 0, tests that count the members of a first generation are red on Apache Kafka too.
  'group.initial.rebalance.delay.ms': '3000',
  'message.max.bytes': '200000000',
};
const MODULES = 'org.apache.kafka.common.security';
const SASL: Readonly<Record<string, string>> = {
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${MODULES}.plain.PlainLoginModule required user_adminplain="admin-secret";`,
  'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
  'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': `${MODULES}.scram.ScramLoginModule required;`,
};
const AUTHORIZER: Readonly<Record<string, string>> = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
};

export const kafkaGo: Suite = {
  name: 'kafka-go',
  isBlackBox: true,
  available: async () => {
    const tests = await compiled();
    if (typeof tests === 'string') return { missing: tests };
    for (const port of [PORT, SASL_PORT]) {
      if (!(await isFree(port))) return { missing: `its tests dial port ${port}, which is taken` };
    }
    return { version: VERSION };
  },
  run,
};

const compiled = (): Promise<GoTests | string> => goTests(MODULE, VERSION, Object.keys(TESTS));

async function run(context: SuiteContext): Promise<void> {
  const tests = await compiled();
  if (typeof tests === 'string') throw new Error(tests);
  await start(context);
  for (const [of, names] of Object.entries(TESTS)) {
    const program = tests.programs.get(of) ?? '';
    const directory = join(tests.directory, of);
    for (const name of names.trim().split(/\s+/)) {
      await context.cases.run(name, () => runTest({ program, directory, name }), TEST_LIMIT_MS + 10_000);
    }
  }
}

/** With a listener for logins, and an authorizer. */
async function start({ target, scratch }: SuiteContext): Promise<void> {
  const broker = await target.start({
    dataDirectory: `${scratch}/broker`,
    host: 'localhost',
    port: PORT,
    moreListeners: [`SASL_PLAINTEXT://localhost:${SASL_PORT}`],
    properties: { ...PROFILE_S1G, ...AUTHORIZER, ...SASL },
  });
  await addScramUser(broker);
}

async function addScramUser(broker: RunningBroker): Promise<void> {
  const connection = await WireConnection.open(broker.bootstrap);
  await alterScramCredential(connection, { user: 'adminscram', hash: 'sha256', password: 'admin-secret-256' });
  await alterScramCredential(connection, { user: 'adminscram', hash: 'sha512', password: 'admin-secret-512' });
  await connection.close();
}

interface TestRun {
  readonly program: string;
  readonly directory: string;
  readonly name: string;
}

async function runTest({ program, directory, name }: TestRun): Promise<void> {
  const args = ['-test.v', '-test.run', `^${name}$`];
  const env = { KAFKA_VERSION: BELIEVED_TO_FAIL.test(name) ? '2.8.0' : '3.7.0', KAFKA_SKIP_NETTEST: '1' };
  const finished = await exec(program, args, { cwd: directory, env, timeoutMs: TEST_LIMIT_MS });
  if (finished.status === 0 && finished.stdout.includes(`--- PASS: ${name} `)) return;
  if (finished.status === 0 && finished.stdout.includes(`--- SKIP: ${name} `)) {
    throw new Skip(`skips itself: ${/\.go:\d+: (.*)/.exec(finished.stdout)?.[1] ?? 'no reason given'}`);
  }
  throw new Error(failure(finished.stdout + finished.stderr) ?? describeEnd(finished));
}

/** The lines that say what went wrong, where there are some. */
function failure(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => /\.go:\d+: |--- FAIL|^panic:/.test(line));
  return lines.length === 0 ? undefined : lines.slice(0, 12).join('\n');
}
