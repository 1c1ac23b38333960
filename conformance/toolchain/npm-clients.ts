// Clients from npm that are no dependencies of this package: installed at pinned versions into the cache.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { describeEnd, exec, which } from './exec.ts';
import { installPackages } from './librdkafka.ts';

export interface NpmClient {
  /** The directory whose node_modules has it. */
  readonly home: string;
  readonly version: string;
  /** The Node that runs it. */
  readonly node: string;
}

const PLATFORMATIC = '@platformatic/kafka@2.12.1';
/** For a house whose own is older than the package wants. */
const NODE = 'node@24.9.0';
const CONFLUENT = '@confluentinc/kafka-javascript@1.10.1';
const REGISTRY_CLIENTS = ['@kafkajs/confluent-schema-registry@3.9.0', '@confluentinc/schemaregistry@1.10.1'];
const CONFLUENT_DEBIAN_PACKAGES = ['zlib1g-dev', 'libssl-dev', 'libzstd-dev', 'liblz4-dev'];

/** @platformatic/kafka and a Node that is new enough for it, or why they are not here. */
export async function platformatic(): Promise<NpmClient | string> {
  const home = join(cacheDirectory(), 'npm', 'platformatic-2.12.1');
  const failure = await installed(home, [PLATFORMATIC, NODE], 'node_modules/node/bin/node');
  if (failure !== undefined) return failure;
  return { home, version: versionOf(home, '@platformatic/kafka'), node: join(home, 'node_modules/node/bin/node') };
}

/** A Node that has SQLite: the one that runs this, or one from npm; or why there is none. */
export async function nodeWithSqlite(): Promise<{ readonly node: string } | { readonly missing: string }> {
  if (process.getBuiltinModule('node:sqlite') !== undefined) return { node: process.execPath };
  const home = join(cacheDirectory(), 'npm', NODE.replace('@', '-'));
  const failure = await installed(home, [NODE], 'node_modules/node/bin/node');
  return failure === undefined ? { node: join(home, 'node_modules/node/bin/node') } : { missing: failure };
}

/** @confluentinc/kafka-javascript, built for the Node that runs this, or why it is not here. The first call takes minutes. */
export async function confluent(): Promise<NpmClient | string> {
  const home = join(cacheDirectory(), 'npm', `confluent-js-1.10.1-abi${process.versions.modules}`);
  const addon = 'node_modules/@confluentinc/kafka-javascript/build/Release/confluent-kafka-javascript.node';
  if (!existsSync(join(home, addon))) {
    for (const program of ['gcc', 'g++', 'make', 'python3']) {
      if ((await which(program)) === undefined) return `no ${program} to build it with`;
    }
    await installPackages(CONFLUENT_DEBIAN_PACKAGES);
    process.stderr.write(`building ${CONFLUENT}, some minutes\n`);
  }
  // Without this it looks for a ready-made binary, which npm does not carry.
  const failure = await installed(home, [CONFLUENT], addon, { CKJS_LINKING: 'dynamic', ...nodeHeaders() });
  if (failure !== undefined) return failure;
  return { home, version: versionOf(home, '@confluentinc/kafka-javascript'), node: process.execPath };
}

/**
 * Where the headers of the Node that runs this were installed with it (distributions do so): else node-gyp fetches them, which
 * fails where only package registries can be reached.
 */
function nodeHeaders(): Record<string, string> {
  const prefix = dirname(dirname(process.execPath));
  const header = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(header)) return {};
  const [major] = process.versions.node.split('.');
  const isOfThisNode = new RegExp(`NODE_MAJOR_VERSION ${major}\\s`).test(readFileSync(header, 'utf8'));
  return isOfThisNode ? { npm_config_nodedir: prefix } : {};
}

/** The clients of a schema registry, or why they are not here. */
export async function registryClients(): Promise<{ readonly home: string } | string> {
  const home = join(cacheDirectory(), 'npm', 'registry-3.9.0-1.10.1');
  const product = 'node_modules/@confluentinc/schemaregistry/package.json';
  const failure = await installed(home, [...REGISTRY_CLIENTS, '--ignore-scripts'], product);
  return failure ?? { home };
}

/** Installs unless `product` is there, beside its place first, so that what is there is whole. Returns why it failed. */
async function installed(
  home: string,
  packages: readonly string[],
  product: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  if (existsSync(join(home, product))) return undefined;
  const partial = `${home}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, 'package.json'), '{"private":true}\n');
  const arguments_ = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages];
  // A native build may ask make for as many jobs as there are files: a hundred compilers at once, where two have room.
  const paced = { MAKEFLAGS: `-l${availableParallelism()}`, ...env };
  const finished = await exec('npm', arguments_, { cwd: partial, env: paced, timeoutMs: 1_800_000 });
  if (finished.status !== 0)
    return `npm could not install ${packages.join(', ')}: ${describeEnd(finished).slice(-200)}`;
  if (!existsSync(join(partial, product))) return `${packages.join(', ')} came without ${product}`;
  rmSync(home, { recursive: true, force: true });
  renameSync(partial, home);
  return undefined;
}

function versionOf(home: string, name: string): string {
  const text = readFileSync(join(home, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
