// @platformatic/kafka 2.12.1: a narrow and flexible band (Produce 7-11, Fetch 12-17, JoinGroup 6-9). Started by
// suites/platformatic.ts with a Node that the package supports, which runs these files without a loader.
//   main.ts HOME BOOTSTRAP                                   runs the checks
//   main.ts HOME BOOTSTRAP member GROUP TOPIC MS [INSTANCE]  is a member with that session time-out until it is killed,
//                                                            or, with `consumer` for MS, one of a group of KIP-848

import { runChecks } from '../checks.ts';
import { ADMIN } from './admin.ts';
import { CONSUMER } from './consumer.ts';
import { CONSUMER_PROTOCOL } from './consumer-protocol.ts';
import { GROUPS } from './groups.ts';
import { GROUPS_ADMIN } from './groups-admin.ts';
import { PRODUCER } from './producer.ts';
import { Member, openSession } from './session.ts';
import { TRANSACTIONS } from './transactions.ts';

const [home = '', bootstrap = '', mode, group = '', topic = '', sessionTimeout, instance] = process.argv.slice(2);
const session = await openSession(home, bootstrap);
if (mode === 'member') {
  await Member.start(session, group, {
    topics: [topic],
    ...(sessionTimeout === 'consumer' ? { groupProtocol: 'consumer' } : { sessionTimeout: Number(sessionTimeout) }),
    ...(instance !== undefined && { groupInstanceId: instance }),
  });
  process.stdout.write('joined\n');
} else {
  await runChecks(
    { ...PRODUCER, ...CONSUMER, ...GROUPS, ...CONSUMER_PROTOCOL, ...TRANSACTIONS, ...ADMIN, ...GROUPS_ADMIN },
    session,
  );
}
