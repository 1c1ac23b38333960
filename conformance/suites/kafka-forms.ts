// The kafka-* tools beside Kafka's own, flag by flag: each form runs by the original on one broker and by Ottla's tool on another that
// began the same, and output, errors and exit code have to be the same. OTTLA_RECORD=1 keeps what the originals said, for `npm test`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FORMS } from '../forms/cases.ts';
import { type FormOutcome, masked, type Place, RECORDED, unpackData } from '../forms/forms.ts';
import { runOriginals } from '../forms/originals.ts';
import { runForm } from '../forms/run-form.ts';
import { type Suite, type SuiteContext, same } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { which } from '../toolchain/exec.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';

const PROPERTIES = {
  'node.id': '1',
  'num.partitions': '4',
  'offsets.topic.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
};

export const kafkaForms: Suite = {
  name: 'kafka-forms',
  isBlackBox: false,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    return (await which('javac')) === undefined ? { missing: 'no javac' } : { version: KAFKA_VERSION };
  },
  run,
};

async function run({ jars, target, scratch, cases, progress }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const start = async (name: string): Promise<[RunningBroker, Place]> => {
    const logDirectory = join(scratch, name);
    const directory = join(scratch, `${name}-files`);
    mkdirSync(directory, { recursive: true });
    unpackData({ directory, bootstrap: '', logDirectory });
    const broker = await target.start({ dataDirectory: logDirectory, properties: PROPERTIES });
    return [broker, { bootstrap: broker.bootstrap, directory, logDirectory }];
  };
  const [theirBroker, theirPlace] = await start('theirs');
  progress(`${FORMS.length} forms by the originals`);
  const originals = await runOriginals(jars, FORMS, theirPlace, scratch);
  await theirBroker.stop();
  const wanted = FORMS.map((form, index) => masked(originals[index] as FormOutcome, form, theirPlace));
  if (process.env['OTTLA_RECORD'] !== undefined) {
    const byName = Object.fromEntries(FORMS.map(({ name }, index) => [name, wanted[index]]));
    writeFileSync(RECORDED, gzipSync(JSON.stringify(byName), { level: 9 }));
  }
  const [ourBroker, ourPlace] = await start('ours');
  for (const [index, form] of FORMS.entries()) {
    await cases.run(form.name, async () => {
      same(masked(await runForm(form, ourPlace), form, ourPlace), wanted[index], form.name);
    });
  }
  await ourBroker.stop();
}
