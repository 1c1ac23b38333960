// The suites, in the order in which they run: what needs no foreign program first.

import type { Suite } from './suite.ts';
import { apicurio } from './suites/apicurio.ts';
import { chaos } from './suites/chaos/chaos.ts';
import { confluentJs } from './suites/confluent-js.ts';
import { kafkajs } from './suites/kafkajs.ts';
import { killLoop } from './suites/kill-loop.ts';
import { copyJob } from './suites/copy-job.ts';
import { consoles } from './suites/consoles.ts';
import { dev } from './suites/dev.ts';
import { directories } from './suites/directories.ts';
import { dumpLog } from './suites/dump-log.ts';
import { aiokafka, confluentPython, franzGo, kafkaPython } from './suites/client-program.ts';
import { fixtures } from './suites/fixtures.ts';
import { forEach } from './suites/for-each.ts';
import { javaTools } from './suites/java-tools.ts';
import { javaToolsCluster } from './suites/java-tools-cluster.ts';
import { kafkaGo } from './suites/kafka-go.ts';
import { catFormsSuite } from './suites/cat-forms.ts';
import { kafkaForms } from './suites/kafka-forms.ts';
import { ownCommands } from './suites/own-commands.ts';
import { kcatSuite } from './suites/kcat.ts';
import { librdkafkaOidc } from './suites/librdkafka-oidc.ts';
import { librdkafkaSecured } from './suites/librdkafka-secured.ts';
import {
  librdkafka,
  librdkafkaAccess,
  librdkafkaAdmin,
  librdkafkaGroups,
  librdkafkaKip848,
  librdkafkaShare,
  librdkafkaSockem,
  librdkafkaTxn,
} from './suites/librdkafka.ts';
import { metrics } from './suites/metrics.ts';
import { ottlaClient, ottlaKafkajs } from './suites/ottla-client.ts';
import { migration } from './suites/migration.ts';
import { mixed } from './suites/mixed/mixed.ts';
import { platformatic } from './suites/platformatic.ts';
import { producerBatches } from './suites/producer-batches.ts';
import { logDirs } from './suites/log-dirs.ts';
import { golden, transcripts } from './suites/runners.ts';
import { registrySuites } from './suites/registry.ts';
import { authorizer } from './suites/authorizer.ts';
import { schemaVerdicts } from './suites/schema-verdicts.ts';
import { secured } from './suites/secured.ts';
import { securedTools } from './suites/secured-tools.ts';
import { streams } from './suites/streams.ts';

export const suites: readonly Suite[] = [
  golden,
  transcripts,
  fixtures,
  authorizer,
  producerBatches,
  schemaVerdicts,
  javaTools,
  javaToolsCluster,
  consoles,
  kafkaForms,
  ownCommands,
  dev,
  logDirs,
  directories,
  metrics,
  kcatSuite,
  catFormsSuite,
  kafkajs,
  ottlaClient,
  ottlaKafkajs,
  forEach,
  platformatic,
  confluentJs,
  librdkafka,
  librdkafkaGroups,
  librdkafkaAdmin,
  librdkafkaAccess,
  librdkafkaSecured,
  librdkafkaOidc,
  librdkafkaTxn,
  librdkafkaSockem,
  librdkafkaKip848,
  librdkafkaShare,
  kafkaGo,
  franzGo,
  confluentPython,
  secured,
  securedTools,
  kafkaPython,
  aiokafka,
  ...registrySuites,
  apicurio,
  streams,
  copyJob,
  chaos,
  migration,
  mixed,
  dumpLog,
  killLoop,
];
