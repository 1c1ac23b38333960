// @confluentinc/kafka-javascript 1.10.1: librdkafka 2.15.1 behind an API like kafkajs's and one like node-rdkafka's.
// Started by suites/confluent-js.ts.
//   main.ts HOME BOOTSTRAP                                   runs the checks
//   main.ts HOME BOOTSTRAP member GROUP TOPIC MS [INSTANCE]  is a member with that session time-out until it is killed,
//                                                            or, with `consumer` for MS, one of a group of KIP-848

import { runChecks } from '../checks.ts';
import { ADMIN } from './admin.ts';
import { CONSUMER } from './consumer.ts';
import { CONSUMER_PROTOCOL, OF_CONSUMER_PROTOCOL } from './consumer-protocol.ts';
import { GROUPS } from './groups.ts';
import { PRODUCER } from './producer.ts';
import { RDKAFKA_ADMIN } from './rdkafka-admin.ts';
import { RDKAFKA } from './rdkafka.ts';
import { Member, openSession, sessionOf } from './session.ts';
import { TRANSACTIONS } from './transactions.ts';

const [home = '', bootstrap = '', mode, group = '', topic = '', sessionTimeout, instance] = process.argv.slice(2);
if (mode === 'member') {
  const settings = {
    ...(sessionTimeout === 'consumer' ? OF_CONSUMER_PROTOCOL : { 'session.timeout.ms': Number(sessionTimeout) }),
    ...(instance !== undefined && { 'group.instance.id': instance }),
  };
  const member = await Member.start(sessionOf(home, bootstrap), group, { topics: [topic], settings });
  process.stdout.write(`${member.owned.length}\n`);
} else {
  const checks = {
    ...PRODUCER,
    ...CONSUMER,
    ...GROUPS,
    ...CONSUMER_PROTOCOL,
    ...TRANSACTIONS,
    ...ADMIN,
    ...RDKAFKA,
    ...RDKAFKA_ADMIN,
  };
  await runChecks(checks, await openSession(home, bootstrap));
}
