// The suites, in the order in which they run: what needs no foreign program first.

import type { Suite } from './suite.ts';
import { kafkajs } from './suites/kafkajs.ts';
import { killLoop } from './suites/kill-loop.ts';
import { dumpLog } from './suites/dump-log.ts';
import { fixtures } from './suites/fixtures.ts';
import { javaTools } from './suites/java-tools.ts';
import { kcatSuite } from './suites/kcat.ts';
import { librdkafka, librdkafkaAdmin, librdkafkaGroups } from './suites/librdkafka.ts';
import { golden, transcripts } from './suites/runners.ts';

export const suites: readonly Suite[] = [
  golden,
  transcripts,
  fixtures,
  javaTools,
  kcatSuite,
  kafkajs,
  librdkafka,
  librdkafkaGroups,
  librdkafkaAdmin,
  dumpLog,
  killLoop,
];
