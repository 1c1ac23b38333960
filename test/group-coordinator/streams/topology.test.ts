// How many partitions the topics of an application need, and what is said when those that exist do not fit.
import { expect } from 'chai';
import { configureTopology } from '../../../src/group-coordinator/streams/configured-topology.ts';
import { topologyOf as parsed } from '../../../src/group-coordinator/streams/topology.ts';
import { Errors, hashOrderOfTexts, KafkaError } from '../../../src/protocol/index.ts';
import { subtopology, topic, topologyOf } from './streams-bench.ts';

type Parts = Parameters<typeof topologyOf>;

const configured = (existing: Readonly<Record<string, number>>, ...parts: Parts) =>
  configureTopology(parsed(topologyOf(...parts)), (name) => existing[name]);

const missing = (existing: Readonly<Record<string, number>>, ...parts: Parts): Record<string, number> =>
  Object.fromEntries(configured(existing, ...parts).missing.map(({ name, partitions }) => [name, partitions]));

const fault = (existing: Readonly<Record<string, number>>, ...parts: Parts): string | undefined =>
  configured(existing, ...parts).fault?.statusDetail;

const copartitioned = (sourceTopics: number[], repartitionSourceTopics: number[]) => ({
  sourceTopics,
  sourceTopicRegex: [],
  repartitionSourceTopics,
});

describe('The topology of a streams group', () => {
  it('gives a repartition topic as many partitions as the widest topic behind it, through other repartition topics too', () => {
    const chain = [
      subtopology('0', { sourceTopics: ['a', 'b'], repartitionSinkTopics: ['r1'] }),
      subtopology('1', { repartitionSourceTopics: [topic('r1')], repartitionSinkTopics: ['r2'] }),
      subtopology('2', { repartitionSourceTopics: [topic('r2')], stateChangelogTopics: [topic('c')] }),
    ];
    expect(missing({ a: 2, b: 5 }, ...chain)).to.deep.equal({ r1: 5, r2: 5, c: 5 });
    expect(missing({ a: 2, b: 5 }, ...chain.reverse())).to.deep.equal({ r1: 5, r2: 5, c: 5 });
  });

  it('keeps the number that the application has fixed', () => {
    const parts = [
      subtopology('0', { sourceTopics: ['a'], repartitionSinkTopics: ['r'] }),
      subtopology('1', { repartitionSourceTopics: [topic('r', 4)], stateChangelogTopics: [topic('c')] }),
    ];
    expect(missing({ a: 2 }, ...parts)).to.deep.equal({ r: 4, c: 4 });
    const { subtopologies } = configured({ a: 2, r: 4, c: 4 }, ...parts);
    expect([subtopologies?.get('0')?.taskCount, subtopologies?.get('1')?.taskCount]).to.deep.equal([2, 4]);
  });

  it('makes topics that are joined alike', () => {
    const join = (fixed: number, sources: string[]) => [
      subtopology('0', { sourceTopics: ['a'], repartitionSinkTopics: ['r'] }),
      subtopology('1', {
        sourceTopics: sources,
        repartitionSourceTopics: [topic('r', fixed)],
        copartitionGroups: [
          copartitioned(
            sources.map((_, index) => index),
            [0],
          ),
        ],
      }),
    ];
    expect(missing({ a: 2, b: 7 }, ...join(0, ['b']))).to.deep.equal({ r: 7 });
    expect(fault({ a: 2, b: 7 }, ...join(3, ['b']))).to.equal(
      "Number of partitions [3] of repartition topic [r] doesn't match number of partitions [7] of the source topic.",
    );
    expect(fault({ a: 2, b: 7, d: 3 }, ...join(0, ['b', 'd']))).to.equal(
      'Following topics do not have the same number of partitions: [{b=7, d=3}]',
    );
  });

  it('lets each group of joined repartition topics have a number of its own', () => {
    const sinks = subtopology('0', { sourceTopics: ['a'], repartitionSinkTopics: ['r1', 'r2', 's1', 's2'] });
    const pair = (id: string, ...topics: ReturnType<typeof topic>[]) =>
      subtopology(id, { repartitionSourceTopics: topics, copartitionGroups: [copartitioned([], [0, 1])] });
    const two = [sinks, pair('1', topic('r1', 3), topic('r2')), pair('2', topic('s1', 5), topic('s2'))];
    expect(fault({ a: 2 }, ...two)).to.match(/^Internal topics are missing/);
    expect(missing({ a: 2 }, ...two)).to.deep.equal({ r1: 3, r2: 3, s1: 5, s2: 5 });
    expect(fault({ a: 2 }, sinks, pair('1', topic('r1', 3), topic('r2', 4)))).to.equal(
      'Following topics do not have the same number of partitions: [{r1=3, r2=4}]',
    );
  });

  it('names at most three topics', () => {
    const sources = subtopology('0', { sourceTopics: ['e', 'd', 'c', 'b', 'a'] });
    expect(fault({ c: 1 }, sources)).to.equal('Source topics a, b, d and 1 additional topics are missing.');
  });

  it('says what an internal topic that exists has too much or too little of', () => {
    const part = subtopology('0', { sourceTopics: ['a'], stateChangelogTopics: [topic('c')] });
    expect(fault({ a: 2, c: 5 }, part)).to.equal(
      'Existing topic c has different number of partitions: expected 2, found 5',
    );
  });

  for (const [what, code, ...parts] of [
    [
      'a loop of repartition topics',
      Errors.STREAMS_INVALID_TOPOLOGY,
      subtopology('0', { repartitionSourceTopics: [topic('x')], repartitionSinkTopics: ['y'] }),
      subtopology('1', { repartitionSourceTopics: [topic('y')], repartitionSinkTopics: ['x'] }),
    ],
    [
      'a repartition topic that nobody writes',
      Errors.STREAMS_INVALID_TOPOLOGY,
      subtopology('0', { sourceTopics: ['a'], repartitionSourceTopics: [topic('x')] }),
    ],
    [
      'a part without sources',
      Errors.STREAMS_INVALID_TOPOLOGY,
      subtopology('0', { stateChangelogTopics: [topic('c')] }),
    ],
    [
      'joined topics that are none',
      Errors.UNKNOWN_SERVER_ERROR,
      subtopology('0', { sourceTopics: ['a'], copartitionGroups: [copartitioned([5], [])] }),
    ],
    [
      'a repartition topic of less than no partitions',
      Errors.UNKNOWN_SERVER_ERROR,
      subtopology('0', { sourceTopics: ['a'], repartitionSourceTopics: [topic('x', -1)] }),
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => configured({ a: 1 }, ...parts))
        .to.throw(KafkaError)
        .with.property('code', code);
    });
  }

  it('walks names as a java.util.HashMap does', () => {
    expect(hashOrderOfTexts(['stg-rep-repartition', 'stg-store-changelog'])).to.deep.equal([
      'stg-store-changelog',
      'stg-rep-repartition',
    ]);
    const ids = Array.from({ length: 13 }, (_, index) => String(index));
    // "10" to "12" hash to 1567 to 1569, in 32 buckets.
    expect(hashOrderOfTexts(ids).slice(0, 3)).to.deep.equal(['11', '12', '0']);
  });
});
