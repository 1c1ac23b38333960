// Our own client, from its sources. Started by suites/ottla-client.ts.
//   main.ts BOOTSTRAP

import { runChecks } from '../checks.ts';
import { PRODUCER } from './producer.ts';
import { openSession } from './session.ts';
import { TRANSACTIONS } from './transactions.ts';

const [bootstrap = ''] = process.argv.slice(2);
await runChecks({ ...PRODUCER, ...TRANSACTIONS }, await openSession(bootstrap));
