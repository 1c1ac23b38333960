// Which schemas may follow which: Apache Avro's own checker on random pairs, and Confluent's published examples where they are.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AVRO_VERSION, avroJars, avroVerdicts } from '../schemas/avro-verdicts.ts';
import { avroDifference } from '../schemas/check-avro.ts';
import { CONFLUENT_SOURCES, judgeFile, verdictFiles } from '../schemas/confluent-verdicts.ts';
import { randomAvroPairs } from '../schemas/random-avro.ts';
import { Skip, type Suite, type SuiteContext, that } from '../suite.ts';

const SEEDS = [1, 2, 3, 4, 5];
const PAIRS_EACH = 2000;

export const schemaVerdicts: Suite = {
  name: 'schema-verdicts',
  isBlackBox: false,
  available: async () => {
    const jars = await avroJars();
    return typeof jars === 'string' ? { missing: jars } : { version: `Avro ${AVRO_VERSION}` };
  },
  run,
};

async function run({ cases }: SuiteContext): Promise<void> {
  const jars = await avroJars();
  if (typeof jars === 'string') throw new Error('tool chain');
  for (const seed of SEEDS)
    await cases.run(`Avro: texts and verdicts of ${PAIRS_EACH} pairs, seed ${seed}`, async () => {
      const verdicts = await avroVerdicts(jars, randomAvroPairs(seed, PAIRS_EACH));
      const differences = verdicts.flatMap((verdict) => avroDifference(verdict) ?? []);
      that(differences.length === 0, `${differences.length} differ, such as ${differences[0]}`);
    });
  const sources = process.env[CONFLUENT_SOURCES];
  for (const file of verdictFiles)
    await cases.run(`Confluent's ${file.name}`, async () => {
      if (sources === undefined)
        throw new Skip(`${CONFLUENT_SOURCES} names no checkout of confluentinc/schema-registry`);
      if (!existsSync(join(sources, file.path))) throw new Skip(`no ${file.path} in ${sources}`);
      const { examples, differences } = await judgeFile(sources, file);
      that(differences.length === 0, `${differences.length} of ${examples} differ:\n${differences.join('\n')}`);
    });
}
