// Clients of a broker in other languages, through programs of ours in conformance/clients (checking-program.ts).

import { join } from 'node:path';
import type { Suite } from '../suite.ts';
import { QUICK_MEMBERS } from '../targets/target.ts';
import { builtGoProgram, type Program, programSuite, pythonProgram } from './checking-program.ts';

const CLIENTS = join(import.meta.dirname, '..', 'clients');
const CHECK_LIMIT_MS = 60_000;

function clientSuite(name: string, version: string, program: () => Promise<Program | string>): Suite {
  return programSuite({
    name,
    version,
    program,
    serve: async ({ target, scratch }) => {
      const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties: QUICK_MEMBERS });
      return { address: broker.bootstrap, checkLimitMs: CHECK_LIMIT_MS };
    },
  });
}

function inPython(source: string, packages: readonly string[]): Promise<Program | string> {
  const environment = packages[0]?.split('==')[0] ?? '';
  return pythonProgram(environment, packages, { path: join(CLIENTS, source), env: { PYTHONPATH: CLIENTS } });
}

/** librdkafka behind a Python API. */
export const confluentPython = clientSuite('confluent-python', '2.16.1', () =>
  inPython('confluent-python/main.py', ['confluent-kafka==2.16.1']),
);

/** All in Python, the widest of versions. */
export const kafkaPython = clientSuite('kafka-python', '3.0.12', () =>
  inPython('kafka_python.py', ['kafka-python==3.0.12']),
);

/** Python with asyncio. */
export const aiokafka = clientSuite('aiokafka', '0.14.0', () => inPython('aiokafka_client.py', ['aiokafka==0.14.0']));

/** All in Go, the newest versions of everything. */
export const franzGo = clientSuite('franz-go', 'v1.22.3', () => builtGoProgram('franz-go', join(CLIENTS, 'franz-go')));
