// The clients of a schema registry, unmodified, against ours over the target's broker: through programs of ours in
// clients/registry, called as those of client-program.ts are, with the registry's URL for the broker's address.

import { join } from 'node:path';
import { startSchemaRegistry } from '../../src/schema-registry/index.ts';
import type { Suite, SuiteContext } from '../suite.ts';
import { describeEnd, exec, execOk } from '../toolchain/exec.ts';
import { goProgram } from '../toolchain/go.ts';
import { registryClients } from '../toolchain/npm-clients.ts';
import { pythonEnvironment } from '../toolchain/python.ts';

const CLIENTS = join(import.meta.dirname, '..', 'clients');
const CHECK_LIMIT_MS = 90_000;

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Told {
  readonly check: string;
  readonly passed?: boolean;
  readonly detail?: string;
}

function registrySuite(name: string, version: string, program: () => Promise<Program | string>): Suite {
  return {
    name,
    isBlackBox: true,
    available: async () => {
      const found = await program();
      return typeof found === 'string' ? { missing: found } : { version };
    },
    run: async (context) => {
      const found = await program();
      if (typeof found === 'string') throw new Error(found);
      await runChecks(found, context);
    },
  };
}

async function runChecks({ command, args, env }: Program, { target, scratch, cases }: SuiteContext): Promise<void> {
  const listed = await execOk(command, [...args, 'list'], { env });
  const broker = await target.start({ dataDirectory: `${scratch}/broker` });
  const registry = await startSchemaRegistry({ brokers: broker.bootstrap, port: 0 });
  try {
    for (const { check } of lines(listed.stdout)) {
      const body = async (): Promise<void> => {
        const run = [...args, 'run', registry.url, check];
        const finished = await exec(command, run, { env, timeoutMs: CHECK_LIMIT_MS });
        const told = lines(finished.stdout).find((line) => line.check === check);
        if (told === undefined) throw new Error(describeEnd(finished));
        if (told.passed !== true) throw new Error(told.detail ?? 'no reason given');
      };
      await cases.run(check, body, CHECK_LIMIT_MS + 10_000);
    }
  } finally {
    await registry.close();
  }
}

function lines(output: string): Told[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"check"'))
    .map((line) => JSON.parse(line) as Told);
}

async function inPython(source: string, packages: readonly string[]): Promise<Program | string> {
  const environment = await pythonEnvironment('registry', packages);
  if (typeof environment === 'string') return environment;
  const env = { PYTHONPATH: CLIENTS, PYTHONDONTWRITEBYTECODE: '1' };
  return { command: environment.python, args: [join(CLIENTS, 'registry', source)], env };
}

async function inNode(source: string): Promise<Program | string> {
  const found = await registryClients();
  if (typeof found === 'string') return found;
  const args = [join(CLIENTS, 'registry', source)];
  return { command: process.execPath, args, env: { CLIENT_HOME: found.home } };
}

async function inGo(directory: string): Promise<Program | string> {
  const built = await goProgram(`registry-${directory}`, join(CLIENTS, 'registry', directory));
  return typeof built === 'string' ? built : { command: built.program, args: [], env: {} };
}

const PYTHON_PACKAGES = [
  'confluent-kafka[avro,json,protobuf,schemaregistry]==2.16.1',
  'python-schema-registry-client==2.6.1',
];

export const registrySuites: readonly Suite[] = [
  registrySuite('registry-confluent-python', '2.16.1', () => inPython('confluent_registry.py', PYTHON_PACKAGES)),
  registrySuite('registry-python', '2.6.1', () => inPython('python_registry.py', PYTHON_PACKAGES)),
  registrySuite('registry-kafkajs', '3.9.0', () => inNode('kafkajs-registry.mjs')),
  registrySuite('registry-confluent-js', '1.10.1', () => inNode('confluent-registry.mjs')),
  registrySuite('registry-franz-go', 'v1.8.0', () => inGo('franz-go')),
  registrySuite('registry-confluent-go', 'v2.11.1', () => inGo('confluent-go')),
];
