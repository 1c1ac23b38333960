// Our own client, from its sources. Started by suites/ottla-client.ts.
//   main.ts BOOTSTRAP                              all checks
//   main.ts BOOTSTRAP member GROUP TOPIC PROTOCOL   a member, to be killed

import { runChecks } from '../checks.ts';
import { CONSUMER } from './consumer.ts';
import { GROUPS, vanish } from './groups.ts';
import { PRODUCER } from './producer.ts';
import { openSession } from './session.ts';
import { SHARE } from './share.ts';
import { TRANSACTIONS } from './transactions.ts';

const [bootstrap = '', role, ...rest] = process.argv.slice(2);
const session = await openSession(bootstrap);
if (role === 'member') await vanish(session, rest);
else await runChecks({ ...PRODUCER, ...TRANSACTIONS, ...CONSUMER, ...GROUPS, ...SHARE }, session);
