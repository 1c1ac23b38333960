// The lists of librdkafka's own tests: which run, which may run beside each other, and what they need of the broker.

import { join } from 'node:path';
import { Skip, type Suite, type SuiteContext } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { librdkafkaTests, TESTS_VERSION } from '../toolchain/librdkafka.ts';
import { WireConnection } from '../wire/connection.ts';
import { apiVersions } from '../wire/requests.ts';
import { type LibrdkafkaTest, TEST_LIMIT_MS, testsAgainst } from './librdkafka-test.ts';

/** Tests that need neither a group nor a second broker. */
const LIST_W1 = words('0001 0002 0005 0008 0011 0013 0017 0021 0035 0036 0038 0041 0048 0063 0070 0085 0110 0114 0125');
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

/**
 * 0008 produces to a just auto-created topic without idempotence: its first batch may be retried behind the second,
 * on Apache Kafka too. It may try twice.
 */
const ATTEMPTS: Readonly<Record<string, number>> = { '0008': 2 };
/** Most tests wait most of the time, and their topics and groups have random names. */
const SIDE_BY_SIDE = 2;

const ACLS = { apiKeys: [29, 30, 31], what: 'ACLs' };
const NEEDS: Readonly<Record<string, { readonly apiKeys: readonly number[]; readonly what: string }>> = {
  // On the list of tests without groups, but 0125 reads its records back through a subscription.
  '0125': { apiKeys: [11, 14], what: 'groups' },
  '0109': ACLS,
  CreateAcls: ACLS,
  DescribeAcls: ACLS,
  DeleteAcls: ACLS,
  UserScramCredentials: { apiKeys: [50, 51], what: 'SCRAM credentials' },
};
const TRANSACTIONS = { apiKeys: [24, 26], what: 'transactions' };
/** Tests that use transactions in some of their sub-tests, and the names of the others. */
const WITHOUT_TRANSACTIONS: Readonly<Record<string, readonly string[]>> = {
  '0055': [
    'standard settings',
    'low linger.ms',
    'microsecond linger.ms',
    'high linger.ms',
    'linger.ms < 1000',
    'no acks',
    'idempotence',
  ],
  '0061': ['without transactions'],
  '0137': ['with_seek', 'store_offset', 'different_batch', 'same_batch', 'eof_position'],
};
/** No API says that a broker compacts. */
const COMPACTS = '0077';

/** Everybody may do everything until an ACL is made; nobody is a super user. */
const AUTHORIZER: Readonly<Record<string, string>> = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
};

export const librdkafka = suiteOf('librdkafka', 'w1', async (context) => {
  const list = await listOn('broker', {}, context);
  for (const digits of LIST_W1) await list.run(digits, { digits });
});

export const librdkafkaGroups = suiteOf('librdkafka-groups', 'groups', async (context) => {
  const list = await listOn('broker', AUTHORIZER, context);
  const delaying = await listOn('delaying-broker', { ...AUTHORIZER, ...INITIAL_DELAY }, context);
  const fresh = await listOn('fresh-broker', AUTHORIZER, context);
  const waiting = [
    { on: fresh, digits: ON_A_FRESH_BROKER },
    ...WITH_INITIAL_DELAY.map((digits) => ({ on: delaying, digits })),
    ...LIST_GROUPS.map((digits) => ({ on: list, digits })),
  ];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await next.on.run(next.digits, { digits: next.digits });
      context.progress(`     ${waiting.length} waiting`);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  await list.run(MEASURES, { digits: MEASURES });
});

/** One at a time: what one part lists, another would have made. */
export const librdkafkaAdmin = suiteOf('librdkafka-admin', 'admin', async (context) => {
  const list = await listOn('broker', AUTHORIZER, context);
  for (const part of LIST_ADMIN) {
    await list.run(part, { digits: ADMIN_TEST, subTests: `do_test_${part}`, isQuick: true });
  }
});

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
  /** One case, skipped when it needs what this broker does not serve; its other sub-tests are then a case of their own. */
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
  const served = await servedKeys(broker);
  const runTest = testsAgainst(broker, built, jars, join(scratch, `${name}-client`));
  const missing = (caseName: string): string | undefined => {
    if (caseName === COMPACTS && target.name === 'ottla') return 'log compaction is not served yet';
    const need = caseName in WITHOUT_TRANSACTIONS ? TRANSACTIONS : NEEDS[caseName];
    return need?.apiKeys.some((key) => !served.has(key)) === true ? `${need.what} are not served yet` : undefined;
  };
  const run = async (caseName: string, test: LibrdkafkaTest): Promise<void> => {
    const attempts = ATTEMPTS[test.digits] ?? 1;
    const reason = missing(caseName);
    const body = async (): Promise<void> => {
      if (reason !== undefined) throw new Skip(reason);
      await runTest({ ...test, attempts });
    };
    await cases.run(caseName, body, TEST_LIMIT_MS * attempts + 10_000);
    const others = reason === undefined ? undefined : WITHOUT_TRANSACTIONS[caseName];
    if (others === undefined) return;
    const runOthers = async (): Promise<void> => {
      for (const subTests of others) await runTest({ ...test, subTests });
    };
    await cases.run(`${caseName} without transactions`, runOthers, TEST_LIMIT_MS * others.length);
  };
  return { run };
}

async function servedKeys(broker: RunningBroker): Promise<ReadonlySet<number>> {
  const connection = await WireConnection.open(broker.bootstrap);
  const advertised = await apiVersions(connection);
  await connection.close();
  return new Set(advertised.keys());
}
