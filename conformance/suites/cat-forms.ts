// `ottla cat` beside kcat 1.7.1: the same words, on the same topics, one after the other. OTTLA_RECORD=1 keeps what kcat says as data
// for npm test (test/tools/cat/kcat-forms.json).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ClusterClient } from '../../src/client/index.ts';
import {
  comparable,
  DIFFERENT,
  type Form,
  FORMS_FILE,
  kcatForms,
  makeTopics,
  type Said,
} from '../../test/tools/cat/kcat-forms.ts';
import { Skip, type Suite, type SuiteContext, same } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { exec } from '../toolchain/exec.ts';
import { kcat } from '../toolchain/librdkafka.ts';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export const catFormsSuite: Suite = {
  name: 'cat-forms',
  isBlackBox: true,
  available: async () => {
    const found = await kcat();
    return typeof found === 'string' ? { missing: found } : found;
  },
  run,
};

async function run({ target, scratch, cases }: SuiteContext): Promise<void> {
  const { forms } = kcatForms();
  const theirs = await saidBy('kcat', [], await target.start({ dataDirectory: `${scratch}/kcat` }), forms);
  const ours = await saidBy(
    process.execPath,
    [CLI, 'cat'],
    await target.start({ dataDirectory: `${scratch}/ottla` }),
    forms,
  );
  for (const [index, { name }] of forms.entries()) {
    await cases.run(name, () => {
      const reason = DIFFERENT.get(name);
      if (reason !== undefined) throw new Skip(reason);
      same(ours[index], theirs[index], 'said');
    });
  }
  if (process.env['OTTLA_RECORD'] === '1') record(theirs);
}

/** On topics of its own: what one has produced the other does not see. */
async function saidBy(
  program: string,
  before: readonly string[],
  broker: RunningBroker,
  forms: readonly Form[],
): Promise<Said[]> {
  const client = new ClusterClient({ brokers: broker.bootstrap });
  await makeTopics(client, kcatForms());
  await client.close();
  const said: Said[] = [];
  for (const { args, input = '' } of forms) {
    const words = [...before, '-b', broker.bootstrap, '-F', 'none', ...args];
    const { status, stdout, stderr } = await exec(program, words, { input, timeoutMs: 30_000 });
    said.push(comparable({ code: status ?? -1, out: stdout, err: stderr }, broker.bootstrap));
  }
  await broker.stop();
  return said;
}

function record(said: readonly Said[]): void {
  const kept = JSON.parse(readFileSync(FORMS_FILE, 'utf8')) as { forms: Form[] };
  const forms = kept.forms.map((form, index) => ({ ...form, kcat: said[index] }));
  writeFileSync(FORMS_FILE, `${JSON.stringify({ ...kept, forms }, null, 1)}\n`);
}
