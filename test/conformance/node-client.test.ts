// A client's program may hang, crash or never begin: no check may get lost with it.
import { expect } from 'chai';
import { runClientProgram } from '../../conformance/suites/node-client.ts';
import { Cases } from '../../conformance/suite.ts';

async function judged(script: string): Promise<Cases> {
  const cases = new Cases('a suite', () => undefined);
  await runClientProgram(cases, { command: process.execPath, args: ['-e', script], limitMs: 15_000 });
  return cases;
}

const plan = `console.log(JSON.stringify({ plan: ['one', 'two', 'three'] }));`;

describe('A client program', () => {
  it('makes a case of every line, and takes no notice of what the client prints', async () => {
    const { results } = await judged(`${plan}
      console.log('a client says hello');
      console.log(JSON.stringify({ check: 'one', durationMs: 1 }));
      console.log(JSON.stringify({ check: 'two', durationMs: 2, error: 'no' }));
      console.log(JSON.stringify({ check: 'three', durationMs: 3, skipped: 'not here' }));`);
    expect(results.map(({ name, status, detail }) => [name, status, detail])).to.deep.equal([
      ['one', 'passed', undefined],
      ['two', 'failed', 'no'],
      ['three', 'skipped', 'not here'],
    ]);
  });

  it('fails the checks that it did not come to', async () => {
    const { results } = await judged(`${plan}
      console.log(JSON.stringify({ check: 'one', durationMs: 1 }));
      console.error('assertion in C'); process.exit(7);`);
    expect(results.map(({ name, status }) => [name, status])).to.deep.equal([
      ['one', 'passed'],
      ['two', 'failed'],
      ['three', 'failed'],
    ]);
    expect(results[1]?.detail).to.match(/ended with 7: assertion in C/);
  });

  it('says why when it did not begin', async () => {
    const failure = await judged(`throw new Error('no such package')`).then(
      () => 'no error',
      (error: Error) => error.message,
    );
    expect(failure).to.match(/before it began.*no such package/s);
  });
});
