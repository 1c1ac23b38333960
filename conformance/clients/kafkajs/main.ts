// kafkajs 2.2.4: the oldest band of versions, none of them flexible. Started by suites/kafkajs.ts.
//   main.ts BOOTSTRAP                          runs the checks
//   main.ts BOOTSTRAP member GROUP TOPIC MS    is a member with that session time-out until it is killed

import { runChecks } from '../checks.ts';
import { ADMIN } from './admin.ts';
import { CONSUMER } from './consumer.ts';
import { GROUPS_ADMIN } from './groups-admin.ts';
import { OFFSETS } from './offsets.ts';
import { PRODUCER } from './producer.ts';
import { REBALANCE } from './rebalance.ts';
import { clientOf, isFacade, Member, openSession } from './session.ts';
import { TRANSACTIONS } from './transactions.ts';

/** The facade takes no assigners of one's own, and its members beat while a handler is busy. */
const OTHERWISE_IN_THE_FACADE: ReadonlySet<string> = new Set([
  'groups: an assigner of our own, with user data',
  'groups: the protocol that all members know',
  'groups: a member without a common protocol is refused',
  'groups: describeGroup of the consumer',
  'groups: a member that is silent for too long joins again',
]);

const [bootstrap = '', mode, group = '', topic = '', sessionTimeout] = process.argv.slice(2);
if (mode === 'member') {
  const options = { topics: [topic], sessionTimeout: Number(sessionTimeout), heartbeatInterval: 100 };
  const member = await Member.start(clientOf(bootstrap), group, options);
  process.stdout.write(`${member.owned.length}\n`);
} else {
  const checks = { ...PRODUCER, ...CONSUMER, ...REBALANCE, ...OFFSETS, ...TRANSACTIONS, ...ADMIN, ...GROUPS_ADMIN };
  const wanted = Object.entries(checks).filter(([name]) => !isFacade || !OTHERWISE_IN_THE_FACADE.has(name));
  await runChecks(Object.fromEntries(wanted), await openSession(bootstrap));
}
