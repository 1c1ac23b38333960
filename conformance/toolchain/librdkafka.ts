// librdkafka, the C client with the largest test suite of all, built from the npm packages that carry its sources:
// @confluentinc/kafka-javascript has its tests, node-rdkafka its performance program.

import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, freshDirectory } from './cache.ts';
import { exec, execOk, which } from './exec.ts';

export const TESTS_VERSION = '2.15.1';
export const PERFORMANCE_VERSION = '2.12.0';
const DEBIAN_PACKAGES = ['zlib1g-dev', 'libssl-dev', 'libzstd-dev', 'liblz4-dev', 'rapidjson-dev'];

export interface Librdkafka {
  /** The top of the source tree; libraries in src/ and src-cpp/. */
  readonly directory: string;
}

interface Recipe {
  readonly name: 'devel' | 'oidc' | 'release';
  readonly npmPackage: string;
  /** What shows that the build is done. */
  readonly product: string;
  readonly commands: string;
  /** Debian packages beside those that every build wants. */
  readonly packages?: readonly string[];
}

const CONFIGURE = './configure --disable-gssapi --disable-curl';

const TESTS: Recipe = {
  name: 'devel',
  npmPackage: '@confluentinc/kafka-javascript@1.10.1',
  product: 'tests/test-runner',
  commands: `${CONFIGURE} --enable-devel && make -j2 libs && make -j2 -C tests build`,
};

/** With curl, which asks OAuth providers for tokens; the other builds do without it. */
const OIDC_TESTS: Recipe = {
  ...TESTS,
  name: 'oidc',
  commands: TESTS.commands.replace(' --disable-curl', ''),
  packages: ['libcurl4-openssl-dev'],
};

/** Without --enable-devel: assertions would be measured too. */
const PERFORMANCE: Recipe = {
  name: 'release',
  npmPackage: 'node-rdkafka@3.6.1',
  product: 'examples/rdkafka_performance',
  commands: `${CONFIGURE} && make -j2 libs && make -C examples rdkafka_performance`,
};

/** The tree with tests/test-runner, or why there is none. The first call takes minutes. */
export const librdkafkaTests = (): Promise<Librdkafka | string> => built(TESTS);

/** The same, of a librdkafka that speaks to OAuth providers. */
export const librdkafkaOidcTests = (): Promise<Librdkafka | string> => built(OIDC_TESTS);

/** Compiles into `directory` what makes the tests' topics of three replicas topics of one; for LD_PRELOAD. */
export async function oneReplica(directory: string): Promise<string> {
  const library = join(directory, 'one-replica.so');
  const source = join(import.meta.dirname, 'one-replica.c');
  await execOk('gcc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
  return library;
}

/** The tree with examples/rdkafka_performance, or why there is none. */
export const librdkafkaPerformance = (): Promise<Librdkafka | string> => built(PERFORMANCE);

async function built(recipe: Recipe): Promise<Librdkafka | string> {
  const home = process.env['OTTLA_LIBRDKAFKA'] ?? join(cacheDirectory(), 'librdkafka');
  const directory = join(home, recipe.name);
  if (existsSync(join(directory, recipe.product))) return { directory };
  for (const program of ['gcc', 'g++', 'make', 'python3', 'bash']) {
    if ((await which(program)) === undefined) return `no ${program} to build librdkafka with`;
  }
  await installPackages([...DEBIAN_PACKAGES, ...(recipe.packages ?? [])]);
  process.stderr.write(`building librdkafka (${recipe.name}), some minutes\n`);
  const scratch = freshDirectory(`librdkafka-${recipe.name}`);
  try {
    await execOk('npm', ['pack', '--silent', recipe.npmPackage], { cwd: scratch, timeoutMs: 300_000 });
    const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '';
    await execOk('tar', ['xzf', tarball], { cwd: scratch });
    rmSync(directory, { recursive: true, force: true });
    cpSync(join(scratch, 'package/deps/librdkafka'), directory, { recursive: true });
    // Its configure script needs bash, whatever sh is.
    await execOk('nice', ['bash', '-c', recipe.commands], { cwd: directory, timeoutMs: 1_800_000 });
    return { directory };
  } catch (error) {
    return `librdkafka did not build: ${(error as Error).message.slice(-200)}`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Debian packages, when this is Debian and we are root; otherwise what needs them says what it misses. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0 || (await which('apt-get')) === undefined) return;
  const installed = await exec('dpkg', ['-s', ...packages]);
  if (installed.status === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await exec('apt-get', ['update', '-qq'], { env, timeoutMs: 300_000 });
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  await exec('apt-get', install, { env, timeoutMs: 600_000 });
}

/** kcat's version, or why there is none. */
export async function kcat(): Promise<{ readonly version: string } | string> {
  if ((await which('kcat')) === undefined) await installPackages(['kcat']);
  if ((await which('kcat')) === undefined) return 'no kcat (Debian package kcat)';
  const { stdout, stderr } = await exec('kcat', ['-V']);
  return { version: /Version ([\d.]+)/.exec(stdout + stderr)?.[1] ?? 'unknown' };
}
