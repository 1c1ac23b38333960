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
import { clientOf, Member, openSession } from './session.ts';
import { TRANSACTIONS } from './transactions.ts';

const [bootstrap = '', mode, group = '', topic = '', sessionTimeout] = process.argv.slice(2);
if (mode === 'member') {
  const options = { topics: [topic], sessionTimeout: Number(sessionTimeout), heartbeatInterval: 100 };
  const member = await Member.start(clientOf(bootstrap), group, options);
  process.stdout.write(`${member.owned.length}\n`);
} else {
  const checks = { ...PRODUCER, ...CONSUMER, ...REBALANCE, ...OFFSETS, ...TRANSACTIONS, ...ADMIN, ...GROUPS_ADMIN };
  await runChecks(checks, await openSession(bootstrap));
}
