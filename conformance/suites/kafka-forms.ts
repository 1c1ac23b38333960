// The kafka-* tools beside Kafka's own, flag by flag: each form runs by the original on one broker and by Ottla's tool on another that
// began the same, and output, errors and exit code have to be the same. OTTLA_RECORD=1 keeps what the originals said, for `npm test`.
// OTTLA_FORM_SETS names some of the sets, by the beginnings of their names.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FORM_SETS, type FormSet, record } from '../forms/form-sets.ts';
import { type FormOutcome, masked, type Place, unpackData } from '../forms/forms.ts';
import { runOriginals } from '../forms/originals.ts';
import { runForm } from '../forms/run-form.ts';
import { type Suite, type SuiteContext, same } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { which } from '../toolchain/exec.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';

export const kafkaForms: Suite = {
  name: 'kafka-forms',
  isBlackBox: false,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    return (await which('javac')) === undefined ? { missing: 'no javac' } : { version: KAFKA_VERSION };
  },
  run,
};

async function run(context: SuiteContext): Promise<void> {
  const wanted = process.env['OTTLA_FORM_SETS']?.split(',') ?? [''];
  for (const set of FORM_SETS) {
    if (wanted.some((beginning) => set.name.startsWith(beginning))) await runSet(context, set);
  }
}

async function runSet({ jars, target, scratch: whole, cases, progress }: SuiteContext, set: FormSet): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const scratch = join(whole, set.recorded);
  const properties = { 'node.id': '1', ...set.properties };
  const start = async (name: string): Promise<[RunningBroker, Place]> => {
    const logDirectory = join(scratch, name);
    const directory = join(scratch, `${name}-files`);
    mkdirSync(directory, { recursive: true });
    unpackData({ directory, bootstrap: '', logDirectory });
    const broker = await target.start({ dataDirectory: logDirectory, properties });
    return [broker, { bootstrap: broker.bootstrap, directory, logDirectory }];
  };
  const [theirBroker, theirPlace] = await start('theirs');
  progress(`${set.forms.length} forms of ${set.name} by the originals`);
  const originals = await runOriginals(jars, set.forms, theirPlace, scratch);
  await theirBroker.stop();
  const wanted = set.forms.map((form, index) => masked(originals[index] as FormOutcome, form, theirPlace));
  if (process.env['OTTLA_RECORD'] !== undefined) record(set, wanted);
  const [ourBroker, ourPlace] = await start('ours');
  for (const [index, form] of set.forms.entries()) {
    await cases.run(form.name, async () => {
      same(masked(await runForm(form, ourPlace), form, ourPlace), wanted[index], form.name);
    });
  }
  await ourBroker.stop();
}
