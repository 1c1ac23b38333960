// Small Java programs of ours, compiled when they run, against the clients that the programs they imitate bring along.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { exec, execOk, type Finished, which } from './exec.ts';
import type { KafkaJars } from './kafka-jars.ts';

/** What a kafka-clients jar needs beside it, from the jars of the whole Kafka. */
const COMPANIONS = /^(slf4j-api|log4j-|lz4-java|snappy-java|zstd-jni)/;
const LOG_CONFIGURATION = join(import.meta.dirname, 'log4j2.xml');
const FETCH_LIMIT_MS = 300_000;

export interface JavaProgram {
  /** Runs `main` of a class of the program. */
  run(main: string, args: readonly string[], timeoutMs: number): Promise<Finished>;
}

/**
 * The class path of a Java client of this version, fetched by Maven, or why there is none.
 */
export async function clientJars(jars: KafkaJars, version: string): Promise<string[] | string> {
  const directory = join(cacheDirectory(), `kafka-clients-${version}`);
  const name = `kafka-clients-${version}.jar`;
  if (!existsSync(join(directory, name))) {
    if ((await which('mvn')) === undefined) return 'no mvn to fetch the client with';
    const partial = `${directory}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    const artifact = `-Dartifact=org.apache.kafka:kafka-clients:${version}`;
    const copy = ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${partial}`];
    const fetched = await exec('mvn', copy, { timeoutMs: FETCH_LIMIT_MS });
    if (fetched.status !== 0 || !existsSync(join(partial, name)))
      return `Maven could not fetch kafka-clients ${version}`;
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
  }
  const companions = readdirSync(jars.libs).filter((jar) => COMPANIONS.test(jar));
  return [join(directory, name), ...companions.map((jar) => join(jars.libs, jar))];
}

/** Compiles all Java files of `sources` into `output`. Throws with what the compiler says. */
export async function compileJava(sources: string, classPath: readonly string[], output: string): Promise<JavaProgram> {
  const files = readdirSync(sources).filter((name) => name.endsWith('.java'));
  const path = classPath.join(':');
  await execOk('javac', ['-d', output, '-cp', path, ...files.map((name) => join(sources, name))], {
    timeoutMs: 120_000,
  });
  const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const log = `-Dlog4j2.configurationFile=${LOG_CONFIGURATION}`;
  return {
    run: (main, args, timeoutMs) =>
      exec('java', [...flags, log, '-cp', `${output}:${path}`, main, ...args], { timeoutMs }),
  };
}
