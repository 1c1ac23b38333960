// The catalogue of broker keys against what a running Apache Kafka 4.3.1 showed of itself, and against what the rooms declare.
import { expect } from 'chai';
import { isInternalKey, isOwnKey, kafkaKeys, undeclaredKeys } from '../../../src/broker/configs/kafka-keys.ts';
import { roomConfigs } from '../../../src/broker/configs/room-configs.ts';
import { type ConfigKey, configTypeCode, formatValue } from '../../../src/runtime/index.ts';
import { recorded } from '../../api-handlers/recorded.ts';

interface Entry {
  name: string;
  readOnly: boolean;
  isSensitive: boolean;
  configType: number;
  synonyms: { name: string; value: string | null; source: number }[];
}

const DEFAULT = 5;
const CUSTOM = /^(listener\.name\..*|super\.users)$/;

/** Rooms may have a default of their own where Kafka has none, or one that suits a single node; here is each of them. */
const OWN_DEFAULTS: Readonly<Record<string, string>> = {
  'node.id': 'an id for the first node',
  'process.roles': 'one node is both',
  listeners: 'the loopback address only',
  'controller.listener.names': 'no controller listener',
};

describe('The catalogue of broker keys', () => {
  const [line] = recorded(/^describeconfigs\.broker$/);
  const theirs = (line as { responseJson: { results: { configs: Entry[] }[] } }).responseJson.results[0]?.configs ?? [];
  const declared: ConfigKey[] = roomConfigs.flatMap((room) => Object.values(room));

  it('holds the 340 keys that Apache Kafka shows and its 20 internal ones', () => {
    const shown = theirs.map(({ name }) => name).filter((name) => !CUSTOM.test(name) && !isInternalKey(name));
    const known = [...kafkaKeys().keys()].filter((name) => !isInternalKey(name));
    expect(known).to.have.members(shown);
    expect(known).to.have.length(340);
    expect(kafkaKeys().size).to.equal(360);
  });

  it('has the types, defaults, scopes and secrets of Apache Kafka', () => {
    for (const entry of theirs) {
      const key = kafkaKeys().get(entry.name)?.key;
      if (key === undefined) continue;
      const expected = entry.synonyms.find(({ name, source }) => name === entry.name && source === DEFAULT)?.value;
      if (expected !== undefined && !entry.isSensitive) {
        expect(formatValue(key, key.defaultValue), entry.name).to.equal(expected);
      }
      expect(configTypeCode[key.type], entry.name).to.equal(entry.configType);
      expect(key.scope === 'read-only', entry.name).to.equal(entry.readOnly);
      expect(key.isSensitive, entry.name).to.equal(entry.isSensitive);
      expect(key.documentation, entry.name).to.match(/\S\.$/);
      expect(key.hasEffect, entry.name).to.equal(false);
    }
  });

  it('meets every key of the rooms once, and knows it unless it is our own', () => {
    const names = declared.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).to.deep.equal([]);
    const foreign = names.filter((name) => !kafkaKeys().has(name) && !isOwnKey(name));
    expect(foreign).to.deep.equal([]);
    const rest = undeclaredKeys(new Set(names)).map(({ name }) => name);
    expect([...rest, ...names.filter((name) => !isOwnKey(name))]).to.have.members([...kafkaKeys().keys()]);
  });

  it('agrees with the rooms in type, scope, bounds and default', () => {
    for (const key of declared) {
      const fact = kafkaKeys().get(key.name)?.key;
      if (fact === undefined) continue;
      expect([key.type, key.scope, key.isSensitive], key.name).to.deep.equal([fact.type, fact.scope, fact.isSensitive]);
      // Rooms may have bounds where Kafka has a check at start instead (log.roll.ms), or a rule of their own for a range.
      if (key.fault === undefined && fact.minimum !== undefined) expect(key.minimum, key.name).to.equal(fact.minimum);
      if (key.fault === undefined && fact.maximum !== undefined) expect(key.maximum, key.name).to.equal(fact.maximum);
      if (key.name in OWN_DEFAULTS) continue;
      expect(formatValue(key, key.defaultValue), key.name).to.equal(formatValue(fact, fact.defaultValue));
    }
  });
});
