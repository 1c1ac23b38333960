// Apache Kafka from Maven: 4.3.1, the broker that we measure ourselves against, and its command-line tools; older ones for clients.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { type ExecOptions, exec, execOk, type Finished, which } from './exec.ts';

export const KAFKA_VERSION = '4.3.1';
const LOG_CONFIGURATION = join(import.meta.dirname, 'log4j2.xml');
/** A tool lives for a second or two: what makes a JVM start fast is worth more than what makes it run fast. */
export const TOOL_FLAGS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

export interface KafkaJars {
  readonly libs: string;
}

/** The jars ($OTTLA_KAFKA_LIBS for 4.3.1, the cache, or downloaded by Maven), or why there are none. */
export async function kafkaJars(version = KAFKA_VERSION): Promise<KafkaJars | string> {
  if ((await which('java')) === undefined) return 'no java (17 or newer)';
  const given = version === KAFKA_VERSION ? process.env['OTTLA_KAFKA_LIBS'] : undefined;
  if (given !== undefined)
    return hasKafka(given, version) ? { libs: given } : `no Kafka ${version} in OTTLA_KAFKA_LIBS`;
  const libs = join(cacheDirectory(), `kafka-${version}`);
  if (hasKafka(libs, version)) return { libs };
  if ((await which('mvn')) === undefined) return 'no mvn to fetch the jars with';
  const partial = `${libs}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const pom = join(import.meta.dirname, 'pom.xml');
  const goal = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-Dkafka.version=${version}`];
  goal.push(`-DoutputDirectory=${partial}`);
  const fetched = await exec('mvn', goal, { timeoutMs: 600_000 });
  if (fetched.status !== 0) return 'Maven could not fetch the jars';
  renameSync(partial, libs);
  return { libs };
}

function hasKafka(libs: string, version: string): boolean {
  return existsSync(libs) && readdirSync(libs).includes(`kafka_2.13-${version}.jar`);
}

/** The java arguments up to and with the class name. */
export function javaArguments(jars: KafkaJars, flags: readonly string[], main: string): string[] {
  const log = `-Dlog4j2.configurationFile=${LOG_CONFIGURATION}`;
  return [...flags, '-Djava.awt.headless=true', log, '-cp', `${jars.libs}/*`, main];
}

export function runTool(
  jars: KafkaJars,
  main: string,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<Finished> {
  return exec('java', [...javaArguments(jars, toolFlags(), main), ...args], options);
}

/** The archive of loaded classes that `archiveTools` found or made. */
let archive: string | undefined;

const toolFlags = (): string[] =>
  archive === undefined ? TOOL_FLAGS : [...TOOL_FLAGS, `-XX:SharedArchiveFile=${archive}`];

/**
 * Keeps the classes of an admin client in a file of the cache (class data sharing), which halves what a tool's start
 * costs. Without effect where that fails: tools run as they are.
 */
export async function archiveTools(jars: KafkaJars, bootstrap: string): Promise<void> {
  const file = await archiveFile('tools', jars);
  if (!existsSync(file)) {
    const partial = `${file}.${process.pid}`;
    const flags = [...TOOL_FLAGS, `-XX:ArchiveClassesAtExit=${partial}`];
    const main = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
    await exec('java', [...javaArguments(jars, flags, main), '--bootstrap-server', bootstrap, '--list']);
    if (!existsSync(partial)) return;
    renameSync(partial, file);
  }
  archive = file;
}

/** Where the classes of a kind of program are kept for this JVM and these jars. */
export async function archiveFile(kind: string, jars: KafkaJars): Promise<string> {
  const { stderr } = await exec('java', ['-version']);
  const key = createHash('sha256').update(`${stderr}\n${jars.libs}`).digest('hex').slice(0, 12);
  return join(cacheDirectory(), `${kind}-${key}.jsa`);
}

export function runToolOk(jars: KafkaJars, main: string, args: readonly string[]): Promise<Finished> {
  return execOk('java', [...javaArguments(jars, toolFlags(), main), ...args]);
}
