import { expect } from 'chai';
import fc from 'fast-check';
import { type Broker, startBroker } from '../../../src/index.ts';
import { nouns } from '../../../src/tools/own/nouns.ts';
import { planOf, stepText } from '../../../src/tools/own/apply/plan.ts';
import { topicsOf } from '../../../src/tools/own/apply/topics-file.ts';
import { parseYaml, YamlError } from '../../../src/tools/own/apply/yaml-reader.ts';
import { yamlText } from '../../../src/tools/terminal/yaml-text.ts';
import { memoryIo } from '../memory-io.ts';

const FILE = `# what we want
topics:
  orders:             # a comment
    partitions: 3
    configs:
      retention.ms: 5000
      cleanup.policy: [ "compact", "delete" ]
  "plain": {}
`;

describe('Topics as a file says', () => {
  it('read maps, lists, quotes, comments and JSON', () => {
    expect(
      parseYaml('a: 1\nb:\n- x\n- y: 2\n  z: "q # r"\n-\n  - deep\nc: it\'s # no\nd:\ne: 1.5\nf: 007\n'),
    ).to.deep.equal({
      a: 1,
      b: ['x', { y: 2, z: 'q # r' }, ['deep']],
      c: "it's",
      d: null,
      e: 1.5,
      f: '007',
    });
    expect(parseYaml('{"a": [1]}')).to.deep.equal({ a: [1] });
    expect(topicsOf(FILE, 'f')).to.deep.equal([
      {
        name: 'orders',
        partitions: 3,
        replicas: undefined,
        configs: { 'retention.ms': '5000', 'cleanup.policy': 'compact,delete' },
      },
      { name: 'plain', partitions: undefined, replicas: undefined, configs: {} },
    ]);
    expect(topicsOf('topics:\n  - name: a\n    replicas: 2\n', 'f')).to.deep.equal([
      { name: 'a', partitions: undefined, replicas: 2, configs: {} },
    ]);
  });

  for (const [text, fault] of [
    ['a: &x 1', /line 1: & is beyond/],
    ['a: |\n  text', /line 1: \| is beyond/],
    ['a: 1\n\tb: 2', /line 2: a tab/],
    ['a: 1\n  b: 2', /line 2: its indentation/],
    ['a: 1\na: 2', /line 2: the key a stands twice/],
    ['a: 1\n---\nb: 1', /line 2: one document/],
    ['a: [1, x]', /line 1: .*JSON/],
    ['just text', /line 1: key: value/],
  ] as const) {
    it(`refuse ${JSON.stringify(text)}`, () => expect(() => parseYaml(text)).to.throw(YamlError, fault));
  }

  for (const [text, fault] of [
    ['x: 1', /no topics:/],
    ['topics:\n  a:\n    partitons: 1', /a has no partitons/],
    ['topics:\n  a:\n    partitions: 0', /partitions of a: 0 is not/],
    ['topics:\n  - partitions: 1', /a topic has no name/],
    ['topics:\n  - name: a\n  - name: a', /a stands twice/],
  ] as const) {
    it(`say what is wrong with ${JSON.stringify(text)}`, () => expect(() => topicsOf(text, 'f')).to.throw(fault));
  }

  it('read again what --format yaml writes', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        fc.string(),
        fc.array(tie('any'), { maxLength: 3 }),
        tie('map'),
      ),
      map: fc.dictionary(fc.stringMatching(/^[a-z][a-z.]{0,6}$/), tie('any'), {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true,
      }),
    }));
    fc.assert(
      fc.property(value.map, (map) => {
        expect(parseYaml(yamlText(map))).to.deep.equal(map);
      }),
      { numRuns: 200 },
    );
  });

  it('plan what differs, and nothing else', () => {
    const present = { name: 'a', partitions: 3, replicas: 2, configs: { x: '1', y: '2' }, defaults: { z: '9' } };
    const plan = (wanted: Partial<Parameters<typeof planOf>[0][number]>, deletesOthers = false) =>
      planOf(
        [{ name: 'a', partitions: undefined, replicas: undefined, configs: { x: '1', y: '2' }, ...wanted }],
        [present, { ...present, name: 'b' }],
        { deletesOthers },
      ).map(stepText);
    expect(plan({})).to.deep.equal([]);
    expect(plan({ configs: { x: '1', y: '2', z: '9' } })).to.deep.equal([]);
    expect(plan({ partitions: 5, configs: { x: '5' } })).to.deep.equal([
      '~ a  partitions: 3 -> 5',
      '~ a  x: 1 -> 5',
      '~ a  y: 2 -> (default)',
    ]);
    expect(plan({ partitions: 1, replicas: 3 }))
      .to.have.length(2)
      .and.satisfy((lines: string[]) => lines.every((line) => line.startsWith('! a')));
    expect(plan({}, true)).to.deep.equal(['- b']);
    expect(plan({ name: 'c', partitions: 1 })).to.deep.equal([
      '+ c  partitions=1  replicas=default  x=1  y=2'.replace('1  replicas', '1 replicas'),
    ]);
  });

  it('are made so, and stay so', async () => {
    const broker: Broker = await startBroker({ memory: true });
    try {
      const run = async (input: string, ...args: string[]) => {
        const io = memoryIo({ input, environment: { OTTLA_BROKERS: broker.bootstrapServers } });
        const tool = await nouns['apply']?.();
        return { code: await tool?.(['-f', '-', ...args], io), out: io.out(), err: io.err() };
      };
      expect(await run(FILE, '--check')).to.include({ code: 2 });
      expect((await run(FILE)).err).to.match(/Nobody can be asked/);
      expect(await run(FILE, '--no-confirm')).to.deep.equal({
        code: 0,
        err: '',
        out: '+ orders  partitions=3 replicas=default  retention.ms=5000  cleanup.policy=compact,delete\n+ plain  partitions=default replicas=default\n2 done.\n',
      });
      expect(await run(FILE, '--check')).to.deep.equal({ code: 0, out: 'Nothing differs.\n', err: '' });
      const grown = await run(FILE.replace('partitions: 3', 'partitions: 4').replace('5000', '6000'), '--no-confirm');
      expect(grown.out).to.equal('~ orders  partitions: 3 -> 4\n~ orders  retention.ms: 5000 -> 6000\n2 done.\n');
      expect(await run(FILE, '--no-confirm')).to.include({ code: 2 });
      expect((await run('topics:\n  plain: {}\n', '--delete', '--no-confirm')).out).to.equal('- orders\n1 done.\n');
    } finally {
      await broker.close();
    }
  });
});
