// The lists of librdkafka's own tests: which run, which may run beside each other, and what they need of the broker. OTTLA_CHECKS=0045,0055
// runs these alone, of the list of groups.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { librdkafkaTests, oneReplica, TESTS_VERSION } from '../toolchain/librdkafka.ts';
import { type LibrdkafkaTest, TEST_LIMIT_MS, testsAgainst } from './librdkafka-test.ts';

/** Tests that need neither a group nor a second broker. */
const LIST_W1 = words('0001 0002 0005 0008 0011 0013 0017 0021 0035 0036 0038 0041 0048 0063 0070 0085 0110 0114 0125');
/** It fetches from the follower in its rack (KIP-392), where there are three. */
const ON_THREE_NODES = '0101';
/** Classic groups, and the rest of what one broker can be asked. The first line takes half of the time. */
const LIST_GROUPS = words(`
  0091 0026 0061 0122 0033 0093 0018
  0007 0012 0014 0019 0020 0022 0030 0039 0040 0042 0044 0050 0051 0053 0056 0057 0060 0064 0065 0067 0069 0073 0077 0083
  0084 0086 0099 0109 0112 0123 0127 0130 0132 0137 0140`);
/** It subscribes to a regular expression that matches the topics of every run of it: on a broker that has none. */
const ON_A_FRESH_BROKER = '0045';
/**
 * They count on their two members being in the first generation: without the initial delay they are red now and then,
 * on Apache Kafka too. 0102, static members, is not on the list.
 */
const WITH_INITIAL_DELAY = words('0089 0102 0118');
const INITIAL_DELAY = { 'group.initial.rebalance.delay.ms': '3000' };
/** It measures how long a record takes, so nothing runs beside it. */
const MEASURES = '0055';
/** The parts of 0081. */
const LIST_ADMIN = words(`
  CreateTopics DeleteTopics CreatePartitions CreateAcls DescribeAcls DeleteAcls AlterConfigs IncrementalAlterConfigs
  DescribeConfigs DeleteRecords ListConsumerGroups DescribeConsumerGroups DescribeTopics DescribeCluster DeleteGroups
  DeleteConsumerGroupOffsets ListOffsets AlterConsumerGroupOffsets ListConsumerGroupOffsets UserScramCredentials`);
const ADMIN_TEST = '0081';
/** They call kafka-acls.sh. */
const LIST_ACCESS = words('0115 0119');
/** Transactions. 0105 has a broker of its own, 0142 wants SASL; 0055, 0061 and 0137 stand in the list of groups. */
const LIST_TXN = words('0098 0103 0129');
/** 0098 starts a JVM dozens of times: three and a half minutes on a machine with nothing else to do. */
const TXN_LIMIT_MS = 600_000;
/** With the network emulated: connections that are slow, or cut. */
const LIST_SOCKEM = words('0049 0068 0075 0076 0088 0094');
/** As LIST_GROUPS, with the group protocol of KIP-848, under which 0084 and 0132 skip themselves. The longest first. */
const LIST_KIP848 = words(`
  0091 0033 0089 0026 0018 0061 0122 0093
  0022 0030 0040 0050 0051 0056 0060 0064 0067 0069 0083 0099 0112 0118 0127 0130 0137 0140`);
const CONSUMER_PROTOCOL = { TEST_CONSUMER_GROUP_PROTOCOL: 'consumer' };
/** Share consumers (KIP-932); 0155-0158, 0182, 0183 and 0190 have brokers of their own, 0186 runs without one. */
const LIST_SHARE = words('0171 0172 0176 0173 0170 0174 0175 0177 0178 0179 0180 0181 0184 0185');

/**
 * 0008 produces to a just auto-created topic without idempotence: its first batch may be retried behind the second,
 * on Apache Kafka too. 0127 measures waits to 60 ms, which a busy machine does not keep. They may try twice.
 */
const ATTEMPTS: Readonly<Record<string, number>> = { '0008': 2, '0127': 2 };
/** Most tests wait most of the time, and their topics and groups have random names. */
const SIDE_BY_SIDE = 2;

/** Tests of share groups take up to six minutes. */
const SHARE_LIMIT_MS = 400_000;
/** Everybody may do everything until an ACL is made; nobody is a super user. */
const AUTHORIZER: Readonly<Record<string, string>> = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
};

export const librdkafka = suiteOf('librdkafka', 'w1', async (context) => {
  const list = await listOn('broker', {}, context);
  const tests = context.target.nodes === undefined ? LIST_W1 : [...LIST_W1, ON_THREE_NODES];
  for (const digits of tests) await list.run(digits, { digits });
});

export const librdkafkaGroups = suiteOf('librdkafka-groups', 'groups', async (context) => {
  const onBroker = async (name: string, properties: Readonly<Record<string, string>>, tests: readonly string[]) => {
    const asked = tests.filter(isAskedFor);
    return asked.length === 0 ? [] : on(await listOn(name, properties, context), asked);
  };
  const list = await onBroker('broker', AUTHORIZER, [...LIST_GROUPS, MEASURES]);
  const delaying = await onBroker('delaying-broker', { ...AUTHORIZER, ...INITIAL_DELAY }, WITH_INITIAL_DELAY);
  const fresh = await onBroker('fresh-broker', AUTHORIZER, [ON_A_FRESH_BROKER]);
  const measuring = list.filter(({ digits }) => digits === MEASURES);
  const rest = list.filter(({ digits }) => digits !== MEASURES);
  await sideBySide([...fresh, ...delaying, ...rest], SIDE_BY_SIDE, context);
  await sideBySide(measuring, 1, context);
});

/** Its topics have three replicas where there are brokers for them. */
export const librdkafkaTxn = suiteOf('librdkafka-txn', 'txn', async (context) => {
  const list = await listOn('broker', {}, context);
  const env = context.target.nodes === undefined ? { LD_PRELOAD: await oneReplica(context.scratch) } : {};
  const tests = on(list, LIST_TXN).map((test) => ({ ...test, env, timeoutMs: TXN_LIMIT_MS }));
  await sideBySide(tests, SIDE_BY_SIDE, context);
});

/** One at a time: they measure how long a request may take. */
export const librdkafkaSockem = suiteOf('librdkafka-sockem', 'sockem', async (context) => {
  const list = await listOn('broker', {}, context);
  await sideBySide(on(list, LIST_SOCKEM), 1, context);
});

export const librdkafkaKip848 = suiteOf('librdkafka-kip848', 'kip848', async (context) => {
  const list = await listOn('broker', AUTHORIZER, context);
  const fresh = await listOn('fresh-broker', AUTHORIZER, context);
  const tests = [...on(fresh, [ON_A_FRESH_BROKER]), ...on(list, LIST_KIP848)];
  await sideBySide(
    tests.map((test) => ({ ...test, env: CONSUMER_PROTOCOL })),
    SIDE_BY_SIDE,
    context,
  );
});

/** They wait for locks that run out and for heartbeats: three take no more of the machine than one. */
export const librdkafkaShare = suiteOf('librdkafka-share', 'share', async (context) => {
  const list = await listOn('broker', {}, context);
  const tests = on(list, LIST_SHARE).map((test) => ({ ...test, timeoutMs: SHARE_LIMIT_MS }));
  await sideBySide(tests, 3, context);
});

/** ACLs that are made while a producer and a consumer are at work. */
export const librdkafkaAccess = suiteOf('librdkafka-access', 'access', async (context) => {
  const list = await listOn('broker', AUTHORIZER, context);
  for (const digits of LIST_ACCESS) await list.run(digits, { digits });
});

/** One at a time: what one part lists, another would have made. */
export const librdkafkaAdmin = suiteOf('librdkafka-admin', 'admin', async (context) => {
  const list = await listOn('broker', AUTHORIZER, context);
  for (const part of LIST_ADMIN) {
    await list.run(part, { digits: ADMIN_TEST, subTests: `do_test_${part}`, isQuick: true });
  }
});

interface ListedTest extends LibrdkafkaTest {
  readonly on: RunningList;
}

function on(list: RunningList, tests: readonly string[]): ListedTest[] {
  return tests.map((digits) => ({ on: list, digits }));
}

async function sideBySide(tests: readonly ListedTest[], lanes: number, { progress }: SuiteContext): Promise<void> {
  const waiting = [...tests];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await next.on.run(next.digits, next);
      progress(`     ${waiting.length} waiting`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function isAskedFor(digits: string): boolean {
  const wanted = process.env['OTTLA_CHECKS'];
  return wanted === undefined || wanted.split(',').includes(digits);
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function suiteOf(name: string, list: string, run: Suite['run']): Suite {
  const available = async (): ReturnType<Suite['available']> => {
    const built = await librdkafkaTests();
    return typeof built === 'string' ? { missing: built } : { version: `${TESTS_VERSION}, list ${list}` };
  };
  return { name, isBlackBox: true, available, run };
}

interface RunningList {
  /** One case. */
  run(name: string, test: LibrdkafkaTest): Promise<void>;
}

/** Starts a broker of this name. */
async function listOn(
  name: string,
  properties: Readonly<Record<string, string>>,
  { target, scratch, cases, jars }: SuiteContext,
): Promise<RunningList> {
  const built = await librdkafkaTests();
  if (typeof built === 'string') throw new Error(built);
  const broker = await target.start({ dataDirectory: join(scratch, name), properties });
  const runTest = await testsAgainst(broker, built, jars, join(scratch, `${name}-client`));
  const run = async (caseName: string, test: LibrdkafkaTest): Promise<void> => {
    const attempts = ATTEMPTS[test.digits] ?? 1;
    const limitMs = (test.timeoutMs ?? TEST_LIMIT_MS) * attempts + 10_000;
    await cases.run(caseName, () => runTest({ ...test, attempts }), limitMs);
  };
  return { run };
}
