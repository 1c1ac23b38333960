// A share group (KIP-932) of eight consumers on one partition: Kafka's own ShareConsumerPerformance takes what
// rdkafka_performance has put there, each record delivered once and acknowledged.

import { join } from 'node:path';
import type { RunningBroker } from '../conformance/targets/target.ts';
import { execOk } from '../conformance/toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../conformance/toolchain/kafka-jars.ts';
import { WireConnection } from '../conformance/wire/connection.ts';
import { alterGroupConfig } from '../conformance/wire/config-requests.ts';
import { apiVersions, createTopics } from '../conformance/wire/requests.ts';
import { type LoneContender, type LoneTools, targetOf } from './alone.ts';
import { type Drivers, produceLarge } from './drivers.ts';
import { cpuSeconds } from './process-cost.ts';

export interface ShareGroupFigures {
  readonly contender: LoneContender;
  /** All eight together, from the first fetch to the last record. */
  readonly recordsPerSecond: number;
  /** Of the broker. */
  readonly cpuMicrosPerRecord: number;
}

export interface ShareGroupTools extends LoneTools {
  readonly drivers: Drivers;
  readonly megabytes: number;
}

const CONSUMERS = 8;
const VALUE_BYTES = 100;
const TOPIC = 'shared';
const SHARE_FETCH = 78;
const PROPERTIES = {
  'offsets.topic.replication.factor': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
};
/** Not counted: the JVM's compiler works in it. */
const WARM_UP_ROUNDS = 1;
const ROUNDS = 3;
/** The tool ends with an error, whatever has come, when its consumers have not finished by then. */
const ROUND_MS = 240_000;

/** The best round; a string says why the contender is left out. */
export async function shareGroupFigures(
  contender: LoneContender,
  directory: string,
  tools: ShareGroupTools,
): Promise<ShareGroupFigures | string> {
  const { jars } = tools;
  if (typeof jars === 'string') return jars;
  const target = targetOf(contender, tools);
  if (typeof target === 'string') return target;
  const broker = await target.start({
    dataDirectory: join(directory, `share-groups-${contender}`),
    bare: true,
    properties: contender === 'apache' ? { ...PROPERTIES, 'node.id': '1' } : PROPERTIES,
  });
  try {
    if (!(await prepare(broker.bootstrap))) return 'it serves no share groups';
    const count = Math.round((tools.megabytes * 1e6) / VALUE_BYTES);
    await produceLarge(tools.drivers, { bootstrap: broker.bootstrap, topic: TOPIC, valueBytes: VALUE_BYTES, count }, 1);
    const rounds: ShareGroupFigures[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      const figures = await oneRound(broker, jars, { group: `shares-${round}`, count });
      if (round >= WARM_UP_ROUNDS) rounds.push({ contender, ...figures });
    }
    return rounds.reduce((best, one) => (one.recordsPerSecond > best.recordsPerSecond ? one : best));
  } finally {
    await broker.stop();
  }
}

async function prepare(bootstrap: string): Promise<boolean> {
  const connection = await WireConnection.open(bootstrap);
  try {
    if (!(await apiVersions(connection)).has(SHARE_FETCH)) return false;
    await createTopics(connection, [{ name: TOPIC, partitions: 1 }]);
    return true;
  } finally {
    await connection.close();
  }
}

async function oneRound(
  broker: RunningBroker,
  jars: KafkaJars,
  { group, count }: { readonly group: string; readonly count: number },
): Promise<Omit<ShareGroupFigures, 'contender'>> {
  const connection = await WireConnection.open(broker.bootstrap);
  await alterGroupConfig(connection, group, 'share.auto.offset.reset', 'earliest');
  await connection.close();
  const java = javaArguments(jars, ['-Xmx512m', '-XX:+UseG1GC'], 'org.apache.kafka.tools.ShareConsumerPerformance');
  const what = ['--bootstrap-server', broker.bootstrap, '--topic', TOPIC, '--group', group];
  const load = [
    '--threads',
    String(CONSUMERS),
    '--num-records',
    String(count),
    '--timeout',
    String(ROUND_MS),
    '--hide-header',
  ];
  const cpuBefore = cpuSeconds(broker.pid);
  const { stdout } = await execOk('java', [...java, ...what, ...load], { timeoutMs: 300_000 });
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  const fields = (stdout.trim().split('\n').at(-1) ?? '').split(',').map((field) => Number(field.trim()));
  // start, end, MB, MB/s, records/s, records, milliseconds; the first two are no numbers.
  const [, , , , recordsPerSecond = 0, consumed = 0] = fields;
  if (!(consumed >= count && recordsPerSecond > 0)) throw new Error(`not all records came: ${stdout.slice(-400)}`);
  return { recordsPerSecond, cpuMicrosPerRecord: (cpu * 1e6) / consumed };
}
