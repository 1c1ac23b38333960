// How metrics are written: names, types, labels that hold anything, and in turns of the event loop.
import { expect } from 'chai';
import fc from 'fast-check';
import { counter, exposition, formatFor, gauge, labels, one, sample, withLabel } from '../../src/metrics/family.ts';
import { readMetrics } from './text-format.ts';

async function written(
  ...[families, format = 'prometheus']: [Parameters<typeof exposition>[0], ('prometheus' | 'openmetrics')?]
) {
  const pieces: string[] = [];
  let pauses = 0;
  const pause = (): Promise<void> => {
    pauses += 1;
    return Promise.resolve();
  };
  for await (const piece of exposition(families, format, pause)) pieces.push(piece);
  return { text: pieces.join(''), pieces, pauses };
}

describe('metrics as text', () => {
  const requests = (): Parameters<typeof exposition>[0] => [counter('requests', 'All "of" them.', one(3))];

  it('names a counter with _total, in OpenMetrics only where it is counted', async () => {
    expect((await written(requests())).text).to.equal(
      '# HELP requests_total All "of" them.\n# TYPE requests_total counter\nrequests_total 3\n',
    );
    expect((await written(requests(), 'openmetrics')).text).to.equal(
      '# HELP requests All \\"of\\" them.\n# TYPE requests counter\nrequests_total 3\n# EOF\n',
    );
  });

  it('answers in the format that is asked for', () => {
    expect(formatFor('application/openmetrics-text;version=1.0.0,text/plain;q=0.5')).to.equal('openmetrics');
    expect(formatFor('text/plain;version=0.0.4')).to.equal('prometheus');
    expect(formatFor('')).to.equal('prometheus');
  });

  it('writes values that are no numbers as Prometheus does', async () => {
    const samples = [NaN, Infinity, -Infinity].map((value, index) => sample(value, labels({ index })));
    const { text } = await written([gauge('odd', 'Odd.', samples)]);
    expect(text).to.contain('{index="0"} NaN\n').and.contain('{index="1"} +Inf\n').and.contain('{index="2"} -Inf\n');
  });

  it('keeps labels with anything in them apart, one line each', async () => {
    const unit = fc.constantFrom('"', '\\', '\n', '\r', '{', '}', ',', '=', 'n', '\u2028', '\ud800');
    const values = fc.uniqueArray(fc.string({ unit, maxLength: 10 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(values, async (topics) => {
        const samples = topics.map((topic) => sample(1, withLabel(labels({ topic }), 'le', '1')));
        const { text } = await written([gauge('g', 'G.', samples)]);
        expect(readMetrics(text).samples.size).to.equal(topics.length);
      }),
    );
  });

  it('lets others have their turn after each thousand samples', async () => {
    const samples = Array.from({ length: 10_000 }, (_, partition) => sample(1, labels({ topic: 'orders', partition })));
    const { pieces, pauses, text } = await written([gauge('g', 'G.', samples)]);
    expect(pauses).to.equal(10);
    expect(Math.max(...pieces.map(({ length }) => length))).to.be.below(64 * 1024);
    expect(readMetrics(text).samples.size).to.equal(10_000);
  });
});
