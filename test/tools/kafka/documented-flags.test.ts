// Each flag that the help of a kafka-* tool documents is in one of the forms that are held against the originals.
import { expect } from 'chai';
import { FORM_SETS } from '../../../conformance/forms/form-sets.ts';
import { extras } from '../../../src/cli/extras.ts';
import type { Tool } from '../../../src/tools/index.ts';
import { memoryIo } from '../memory-io.ts';

/** What counts only while a tool runs without end, or prints what a JVM measures. */
const UNSHOWN: ReadonlySet<string> = new Set([
  'kafka-consumer-perf-test --print-metrics',
  'kafka-producer-perf-test --print-metrics',
  'kafka-replica-verification --fetch-size',
  'kafka-replica-verification --max-wait-ms',
  'kafka-replica-verification --report-interval-ms',
  'kafka-share-consumer-perf-test --print-metrics',
]);

describe('Flags of kafka-* tools', () => {
  const forms = FORM_SETS.flatMap((set) => set.forms);

  async function flagsOf(tool: Tool): Promise<string[]> {
    const io = memoryIo();
    await tool(['--help'], io);
    const heads = [...`${io.out()}${io.err()}`.matchAll(/^(?:\* )?(--?\w[\w.-]*(?:, --?\w[\w.-]*)*)/gm)];
    return heads.map(([, names = '']) => names.split(', ').at(-1) as string);
  }

  for (const [name, load] of Object.entries(extras).filter(([name]) => name.startsWith('kafka-'))) {
    it(`${name}: have their forms`, async () => {
      const given = new Set(forms.filter(({ tool }) => tool === name).flatMap(({ args }) => args));
      const missing = (await flagsOf(await load())).filter(
        (flag) => !given.has(flag) && !UNSHOWN.has(`${name} ${flag}`),
      );
      expect(missing).to.deep.equal([]);
    });
  }
});
