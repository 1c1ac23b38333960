// DescribeConfigs, AlterConfigs and IncrementalAlterConfigs: the recorded session of Apache Kafka, line by line, and what
// it does not show.
import { expect } from 'chai';
import { createTopics } from '../../src/api-handlers/19-create-topics.ts';
import { describeConfigs } from '../../src/api-handlers/32-describe-configs.ts';
import { alterConfigs } from '../../src/api-handlers/33-alter-configs.ts';
import { incrementalAlterConfigs } from '../../src/api-handlers/44-incremental-alter-configs.ts';
import { canonical, differences } from '../../conformance/transcripts/compare.ts';
import type { Logger } from '../../src/runtime/index.ts';
import { alterConfig, SET } from './alter-config.ts';
import { ControllerBench } from './controller-bench.ts';
import { answerOf, expectRecorded, recorded, recordedSettings } from './recorded.ts';

interface Entry {
  name: string;
  value: string | null;
  configSource: number;
  readOnly: boolean;
  isSensitive: boolean;
  configType: number;
  synonyms: { name: string; value: string | null; source: number }[];
  documentation: string | null;
}

type AskedToAlter = Parameters<typeof alterConfig> extends [unknown, ...infer Rest] ? Rest : never;

describe('Configs', () => {
  let bench: ControllerBench;
  const describe_ = async (
    resourceType: number,
    resourceName: string,
    keys: string[] | null = null,
    flags: object = {},
  ) => {
    const request = {
      resources: [{ resourceType, resourceName, configurationKeys: keys }],
      includeSynonyms: true,
      includeDocumentation: true,
      ...flags,
    };
    const answer = await answerOf(describeConfigs(bench.describer), 4, request);
    return (answer['results'] as { errorCode: number; errorMessage: string; configs: Entry[] }[])[0];
  };
  const alter = (...asked: AskedToAlter) => alterConfig(bench, ...asked);

  beforeEach(() => {
    bench = new ControllerBench(recordedSettings());
    bench.setConfig(4, '', 'min.insync.replicas', '1');
  });

  it('are set and shown as Apache Kafka does', async () => {
    const handlers = [
      createTopics(bench),
      describeConfigs(bench.describer),
      alterConfigs(bench.validators, bench),
      incrementalAlterConfigs(bench.validators, bench),
    ];
    const lines = recorded(/^(setup\.create\.cfg|describeconfigs\.|incremental\.|alterconfigs\.)/);
    let played = 0;
    for (const line of lines) {
      const handler = handlers.find(({ api }) => api.key === line.key);
      const isOurs = line.conn === 'c' && line.unstable !== true && line.id !== 'incremental.op9';
      if (handler === undefined || !isOurs) continue;
      await expectRecorded(handler as never, line);
      played++;
    }
    expect(played).to.be.greaterThan(55);
  });

  it('of the broker are those of Apache Kafka: names, values, sources, synonyms, types, what is secret and what is fixed', async () => {
    const [line] = recorded(/^describeconfigs\.broker$/);
    const theirs =
      (line as { responseJson: { results: { configs: Entry[] }[] } }).responseJson.results[0]?.configs ?? [];
    const ours = (await describe_(4, '1'))?.configs ?? [];
    const known = new Map(ours.map((entry) => [entry.name, entry]));
    // Defaults that are our own, and what only a broker that has been formatted and started sets.
    const differing = new Set([
      'advertised.listeners',
      'node.id',
      'log.dirs',
      'listeners',
      'process.roles',
      'controller.listener.names',
    ]);
    for (const entry of theirs) {
      if (differing.has(entry.name)) continue;
      const own = known.get(entry.name);
      const plain = { ...entry, documentation: null };
      expect(
        differences(canonical(plain, new Set()), canonical({ ...own, documentation: null }, new Set())),
        entry.name,
      ).to.deep.equal([]);
    }
    const missing = theirs.filter(({ name }) => !known.has(name)).map(({ name }) => name);
    const surplus = ours.filter(({ name }) => !theirs.some((entry) => entry.name === name)).map(({ name }) => name);
    expect(missing).to.deep.equal([]);
    expect(surplus.filter((name) => !name.startsWith('ottla.'))).to.deep.equal([]);
  });

  it('show documentation only when it is asked for, and have one for every key', async () => {
    for (const [type, name] of [
      [4, '1'],
      [32, 'g'],
      [16, 's'],
    ] as const) {
      const custom = /^listener\.name\.|^super\.users$/;
      for (const entry of (await describe_(type, name))?.configs ?? []) {
        if (!custom.test(entry.name)) expect(entry.documentation, entry.name).to.match(/\S/);
      }
      const plain = await describe_(type, name, null, { includeDocumentation: false });
      expect(plain?.configs.every(({ documentation }) => documentation === null)).to.equal(true);
    }
  });

  it('of a topic follow topic, broker, all brokers, file and default, in this order', async () => {
    bench.createTopic('t');
    const effective = async () => {
      const entry = (await describe_(2, 't', ['segment.bytes']))?.configs[0];
      return [entry?.value, entry?.configSource, entry?.synonyms.map(({ source }) => source)];
    };
    expect(await effective()).to.deep.equal(['1073741824', 5, [5]]);
    bench.setConfig(4, '', 'log.segment.bytes', '2000000');
    expect(await effective()).to.deep.equal(['2000000', 3, [3, 5]]);
    bench.setConfig(4, '1', 'log.segment.bytes', '3000000');
    expect(await effective()).to.deep.equal(['3000000', 2, [2, 3, 5]]);
    bench.setConfig(2, 't', 'segment.bytes', '4000000');
    expect(await effective()).to.deep.equal(['4000000', 1, [1, 2, 3, 5]]);
    bench.setConfig(4, '1', 'log.segment.bytes', null);
    bench.setConfig(2, 't', 'segment.bytes', null);
    expect(await effective()).to.deep.equal(['2000000', 3, [3, 5]]);
  });

  it('of a topic turn hours and minutes of the file into milliseconds', async () => {
    for (const [key, text, expected] of [
      ['log.retention.hours', '2', '7200000'],
      ['log.retention.minutes', '3', '180000'],
      ['log.retention.ms', '4', '4'],
    ] as const) {
      bench = new ControllerBench(
        new Map([
          ['log.retention.hours', '2'],
          [key, text],
        ]),
      );
      bench.createTopic('t');
      expect((await describe_(2, 't', ['retention.ms']))?.configs[0]?.value, key).to.equal(expected);
      const [created] = bench.describer.effectiveTopicConfigs(new Map()).filter(({ name }) => name === 'retention.ms');
      expect([created?.value, created?.configSource], key).to.deep.equal([expected, 4]);
    }
  });

  it('of a broker take effect at once, and a trial does not', async () => {
    const changes: string[] = [];
    bench.configs.onChange((changed) => changes.push(...changed));
    expect(await alter(4, '1', 'max.connections', '7', SET, true)).to.deep.equal([0, null]);
    expect(bench.configs.text('max.connections')).to.equal('2147483647');
    expect(await alter(4, '1', 'max.connections', '7')).to.deep.equal([0, null]);
    expect(bench.configs.text('max.connections')).to.equal('7');
    expect(await alter(4, '1', 'max.connections', null, 1)).to.deep.equal([0, null]);
    expect(bench.configs.text('max.connections')).to.equal('2147483647');
    expect(changes).to.deep.equal(['max.connections', 'max.connections']);
  });

  it('of a directory that another program wrote are passed over where they cannot be read or changed', () => {
    bench.setConfig(4, '', 'max.connections', 'many');
    bench.setConfig(4, '', 'num.partitions', '5');
    expect([bench.configs.text('max.connections'), bench.configs.text('num.partitions')]).to.deep.equal([
      '2147483647',
      '1',
    ]);
  });

  it('of loggers are levels, changed in this broker alone', async () => {
    const said: string[] = [];
    const sink: Logger = { log: (_, message) => void said.push(message), child: () => sink };
    const logger = bench.loggers.filtered(sink);
    const chatty = logger.child('controller');
    chatty.log('debug', 'quiet');
    expect(await alter(8, '1', 'controller', 'DEBUG')).to.deep.equal([0, null]);
    chatty.log('debug', 'loud');
    logger.log('debug', 'quiet');
    expect(await alter(8, '1', 'root', 'ERROR')).to.deep.equal([0, null]);
    logger.log('warn', 'quiet');
    expect(said).to.deep.equal(['loud']);
    const levels = (await describe_(8, '1'))?.configs.map(({ name, value }) => [name, value]);
    expect(levels).to.deep.equal([
      ['root', 'ERROR'],
      ['controller', 'DEBUG'],
    ]);
    expect(await alter(8, '1', 'controller', null, 1)).to.deep.equal([0, null]);
    expect((await describe_(8, '1', ['controller']))?.configs[0]?.value).to.equal('ERROR');
    expect(bench.image.configs.resourceCount).to.equal(1);
  });

  it('of a topic without a name are INVALID_REQUEST, whatever is asked of it, and of its neighbour they are changed', async () => {
    bench.createTopic('t');
    const resources = ['', 't'].map((resourceName) => ({
      resourceType: 2,
      resourceName,
      configs: [{ name: 'retention.ms', configOperation: SET, value: '1' }],
    }));
    for (const validateOnly of [false, true]) {
      const answers = [
        await answerOf(incrementalAlterConfigs(bench.validators, bench), 1, { resources, validateOnly }),
        await answerOf(alterConfigs(bench.validators, bench), 2, { resources, validateOnly }),
      ];
      for (const answer of answers) {
        expect(answer['responses']).to.deep.equal([
          {
            errorCode: 42,
            errorMessage: 'Default topic resources are not allowed.',
            resourceType: 2,
            resourceName: '',
          },
          { errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't' },
        ]);
      }
    }
    expect(await alter(2, 'a b', 'retention.ms', '1')).to.have.property('0', 17);
  });

  it('of several resources fail and succeed one by one, in the order of the question', async () => {
    bench.createTopic('t');
    const resource = (resourceType: number, resourceName: string, name: string, value: string) => ({
      resourceType,
      resourceName,
      configs: [{ name, value }],
    });
    const resources = [
      resource(4, '9', 'max.connections', '1'),
      resource(2, 't', 'retention.ms', '1'),
      resource(99, 'x', 'a', '1'),
      resource(2, 'nope', 'retention.ms', '1'),
      resource(4, '1', 'max.connections', '1'),
    ];
    const answer = await answerOf(alterConfigs(bench.validators, bench), 2, { resources, validateOnly: false });
    const codes = (answer['responses'] as { resourceName: string; errorCode: number }[]).map((one) => [
      one.resourceName,
      one.errorCode,
    ]);
    expect(codes).to.deep.equal([
      ['9', 42],
      ['t', 0],
      ['x', 42],
      ['nope', 3],
      ['1', 0],
    ]);
  });
});
