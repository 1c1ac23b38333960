// Programs in other languages, of ours in conformance/clients, that use a foreign client: they list their checks and run
// one of them, told in lines of JSON. One process a check, so that a client that hangs or crashes hides no other.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { QUICK_MEMBERS } from '../targets/target.ts';
import { describeEnd, type ExecOptions, exec, execOk } from '../toolchain/exec.ts';
import { goProgram } from '../toolchain/go.ts';
import { pythonEnvironment } from '../toolchain/python.ts';

const CLIENTS = join(import.meta.dirname, '..', 'clients');
const CHECK_LIMIT_MS = 60_000;

/** How to call one, in front of `list` and `run BOOTSTRAP CHECK`. */
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

function clientSuite(name: string, version: string, program: () => Promise<Program | string>): Suite {
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
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties: QUICK_MEMBERS });
  for (const { check } of lines(listed.stdout)) {
    const options: ExecOptions = { env, timeoutMs: CHECK_LIMIT_MS };
    const body = async (): Promise<void> => {
      const finished = await exec(command, [...args, 'run', broker.bootstrap, check], options);
      const told = lines(finished.stdout).find((line) => line.check === check);
      if (told === undefined) throw new Error(describeEnd(finished));
      if (told.passed !== true) throw new Error(told.detail ?? 'no reason given');
    };
    await cases.run(check, body, CHECK_LIMIT_MS + 10_000);
  }
}

function lines(output: string): Told[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Told);
}

/** A program whose directory or file in conformance/clients is `source`. */
async function inPython(source: string, packages: readonly string[]): Promise<Program | string> {
  const environment = await pythonEnvironment(packages[0]?.split('==')[0] ?? '', packages);
  if (typeof environment === 'string') return environment;
  const env = { PYTHONPATH: CLIENTS, PYTHONDONTWRITEBYTECODE: '1' };
  return { command: environment.python, args: [join(CLIENTS, source)], env };
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
export const franzGo = clientSuite('franz-go', 'v1.22.3', async () => {
  const built = await goProgram('franz-go', join(CLIENTS, 'franz-go'));
  return typeof built === 'string' ? built : { command: built.program, args: [], env: {} };
});
