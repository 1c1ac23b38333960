// Apicurio Registry from Maven: the one registry that is none of ours, or Confluent's, and comes in a jar.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../targets/target.ts';
import { cacheDirectory } from './cache.ts';
import { exec, execOk, which } from './exec.ts';

/** The last one that runs on Java 17. */
export const APICURIO_VERSION = '2.6.13.Final';
const FETCH_LIMIT_MS = 600_000;
const START_LIMIT_MS = 180_000;
const FLAGS = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Where its jars lie, or why they do not. */
export async function apicurioHome(): Promise<{ readonly home: string } | string> {
  if ((await which('java')) === undefined) return 'no java (17 or newer)';
  const home = join(cacheDirectory(), `apicurio-${APICURIO_VERSION}`);
  if (existsSync(home)) return { home };
  if ((await which('mvn')) === undefined) return 'no mvn to fetch Apicurio with';
  const partial = `${home}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const artifact = `io.apicurio:apicurio-registry-app:${APICURIO_VERSION}:tar.gz:all`;
  const copy = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`];
  const fetched = await exec('mvn', copy, { timeoutMs: FETCH_LIMIT_MS });
  const archive = readdirSync(partial).find((name) => name.endsWith('.tar.gz'));
  if (fetched.status !== 0 || archive === undefined) {
    rmSync(partial, { recursive: true, force: true });
    return `Maven could not fetch ${artifact}`;
  }
  await execOk('tar', ['-xzf', join(partial, archive), '-C', partial]);
  rmSync(join(partial, archive));
  renameSync(partial, home);
  return { home };
}

export interface RunningApicurio {
  /** Of the calls that are Confluent's. */
  readonly url: string;
  close(): Promise<void>;
}

/** With nothing in it, and its store in memory. Throws with what it said when it does not answer. */
export async function startApicurio(home: string): Promise<RunningApicurio> {
  const jar = readdirSync(home, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('-runner.jar'));
  if (jar === undefined) throw new Error(`no runner of Apicurio in ${home}`);
  const port = await freePort();
  const child = spawn('java', [...FLAGS, `-Dquarkus.http.port=${port}`, '-jar', join(home, jar)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const answer = await fetch(`${url}/subjects`).catch(() => undefined);
    if (answer?.ok === true) return { url, close };
    if (Date.now() > deadline || child.exitCode !== null) {
      await close();
      throw new Error(`Apicurio does not answer: ${said}`);
    }
    await pause(200);
  }
}
