// What Apache Avro itself says about pairs of schemas: a small Java program against its jar, which Maven fetches.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../toolchain/cache.ts';
import { exec, which } from '../toolchain/exec.ts';

export const AVRO_VERSION = '1.12.1';
const POM = join(import.meta.dirname, 'pom.xml');
const PROGRAM = join(import.meta.dirname, 'AvroVerdicts.java');

export interface AvroVerdict {
  readonly reader: string;
  readonly writer: string;
  /** The text that Avro prints, or `refused`. */
  readonly readerText: string;
  readonly writerText: string;
  /** `TYPE /path message|` for each reason; `none` when one of both is refused, `failed` when Avro threw. */
  readonly verdict: string;
}

/** The class path, or why there is none. */
export async function avroJars(): Promise<string[] | string> {
  const directory = join(cacheDirectory(), `avro-${AVRO_VERSION}`);
  if (!existsSync(directory)) {
    if ((await which('mvn')) === undefined) return 'no mvn to fetch Apache Avro with';
    const partial = `${directory}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    const copy = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`];
    const fetched = await exec('mvn', copy, { timeoutMs: 300_000 });
    if (fetched.status !== 0) return `Maven could not fetch Apache Avro ${AVRO_VERSION}`;
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
  }
  return readdirSync(directory).map((jar) => join(directory, jar));
}

export async function avroVerdicts(
  jars: readonly string[],
  pairs: readonly [string, string][],
): Promise<AvroVerdict[]> {
  const input = pairs.map((pair) => `${pair.join('\t')}\n`).join('');
  const output = await piped('java', ['-Xmx512m', '-XX:+UseSerialGC', '-cp', jars.join(':'), PROGRAM], input);
  const lines = output.trimEnd().split('\n');
  if (lines.length !== pairs.length) throw new Error(`${pairs.length} pairs, ${lines.length} answers`);
  return pairs.map(([reader, writer], at) => {
    const [readerText = '', writerText = '', verdict = ''] = (lines[at] ?? '').split('\t');
    return { reader, writer, readerText, writerText, verdict };
  });
}

function piped(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(Buffer.concat(parts).toString('utf8'));
      else reject(new Error(`${command} ended with ${status}`));
    });
    child.stdin.end(input);
  });
}
