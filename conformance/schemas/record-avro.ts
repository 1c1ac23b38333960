// `npx tsx conformance/schemas/record-avro.ts`: asks Apache Avro about 2,000 random pairs, and keeps its answers for npm test.
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { avroJars, avroVerdicts } from './avro-verdicts.ts';
import { randomAvroPairs } from './random-avro.ts';

const TARGET = new URL('../../test/fixtures/schemas/avro-verdicts.jsonl.gz', import.meta.url);

const jars = await avroJars();
if (typeof jars === 'string') throw new Error(jars);
const verdicts = await avroVerdicts(jars, randomAvroPairs(20_261_129, 2000));
writeFileSync(TARGET, gzipSync(verdicts.map((verdict) => `${JSON.stringify(verdict)}\n`).join(''), { level: 9 }));
