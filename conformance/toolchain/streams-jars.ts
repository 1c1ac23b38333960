// Kafka Streams from Maven, beside the jars of the whole Kafka.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { exec, which } from './exec.ts';
import { KAFKA_VERSION, type KafkaJars } from './kafka-jars.ts';

const ARTIFACTS = [`org.apache.kafka:kafka-streams:${KAFKA_VERSION}`, 'org.rocksdb:rocksdbjni:10.1.3'];
/** What it needs of the jars of the whole Kafka. */
const COMPANIONS =
  /^(kafka-clients|slf4j-api|log4j-|lz4-java|snappy-java|zstd-jni|jackson-(annotations|core|databind))-/;
const FETCH_LIMIT_MS = 300_000;

/** The class path of a Kafka Streams application, or why there is none. */
export async function streamsJars(jars: KafkaJars): Promise<string[] | string> {
  const directory = join(cacheDirectory(), `kafka-streams-${KAFKA_VERSION}`);
  if (!existsSync(directory)) {
    if ((await which('mvn')) === undefined) return 'no mvn to fetch Kafka Streams with';
    const partial = `${directory}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    for (const artifact of ARTIFACTS) {
      const copy = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`];
      const fetched = await exec('mvn', copy, { timeoutMs: FETCH_LIMIT_MS });
      if (fetched.status !== 0) return `Maven could not fetch ${artifact}`;
    }
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
  }
  const own = readdirSync(directory).map((jar) => join(directory, jar));
  const companions = readdirSync(jars.libs).filter((jar) => COMPANIONS.test(jar));
  return [...own, ...companions.map((jar) => join(jars.libs, jar))];
}
