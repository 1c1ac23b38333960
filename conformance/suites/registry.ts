// The clients of a schema registry, unmodified, against ours over the target's broker: through programs of ours in
// clients/registry, which are given the registry's URL (checking-program.ts).

import { join } from 'node:path';
import { startSchemaRegistry } from '../../src/schema-registry/index.ts';
import type { Suite } from '../suite.ts';
import { registryClients } from '../toolchain/npm-clients.ts';
import { builtGoProgram, type Program, programSuite, pythonProgram } from './checking-program.ts';

const ALL_CLIENTS = join(import.meta.dirname, '..', 'clients');
const CLIENTS = join(ALL_CLIENTS, 'registry');
const CHECK_LIMIT_MS = 90_000;

function registrySuite(name: string, version: string, program: () => Promise<Program | string>): Suite {
  return programSuite({
    name,
    version,
    program,
    serve: async ({ target, scratch }) => {
      const broker = await target.start({ dataDirectory: `${scratch}/broker` });
      const registry = await startSchemaRegistry({ brokers: broker.bootstrap, port: 0 });
      return { address: registry.url, checkLimitMs: CHECK_LIMIT_MS, close: () => registry.close() };
    },
  });
}

const PYTHON_PACKAGES = [
  'confluent-kafka[avro,json,protobuf,schemaregistry]==2.16.1',
  'python-schema-registry-client==2.6.1',
];

const inPython = (source: string): Promise<Program | string> =>
  pythonProgram('registry', PYTHON_PACKAGES, { path: join(CLIENTS, source), env: { PYTHONPATH: ALL_CLIENTS } });

async function inNode(source: string): Promise<Program | string> {
  const found = await registryClients();
  if (typeof found === 'string') return found;
  return { command: process.execPath, args: [join(CLIENTS, source)], env: { CLIENT_HOME: found.home } };
}

const inGo = (directory: string): Promise<Program | string> =>
  builtGoProgram(`registry-${directory}`, join(CLIENTS, directory));

export const registrySuites: readonly Suite[] = [
  registrySuite('registry-confluent-python', '2.16.1', () => inPython('confluent_registry.py')),
  registrySuite('registry-python', '2.6.1', () => inPython('python_registry.py')),
  registrySuite('registry-kafkajs', '3.9.0', () => inNode('kafkajs-registry.mjs')),
  registrySuite('registry-confluent-js', '1.10.1', () => inNode('confluent-registry.mjs')),
  registrySuite('registry-franz-go', 'v1.8.0', () => inGo('franz-go')),
  registrySuite('registry-confluent-go', 'v2.11.1', () => inGo('confluent-go')),
];
