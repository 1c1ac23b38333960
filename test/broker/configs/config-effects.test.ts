// Configs without effect: each key of Apache Kafka acts, as seen from outside with two values of it, or whoever sets it is
// told why it does not.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { configsPage } from '../../../scripts/configs-page.ts';
import { dynamicOnlyKeys, effectOf, kafkaKeys } from '../../../src/broker/configs/kafka-keys.ts';
import { declaredKeys, roomConfigs } from '../../../src/broker/configs/room-configs.ts';
import { settingsOf, StartError } from '../../../src/broker/configs/settings.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { type ConfigKey, configsFromEnvironment, formatValue } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { LiveBroker } from '../live-broker.ts';
import { accessProbes } from './probes/access-probes.ts';
import { clusterProbes } from './probes/cluster-probes.ts';
import { consumerGroupProbes } from './probes/consumer-group-probes.ts';
import { delegationTokenProbes } from './probes/delegation-token-probes.ts';
import { groupProbes } from './probes/group-probes.ts';
import { logProbes } from './probes/log-probes.ts';
import { networkProbes } from './probes/network-probes.ts';
import { replicationProbes } from './probes/replication-probes.ts';
import { saslProbes } from './probes/sasl-probes.ts';
import { shareGroupProbes } from './probes/share-group-probes.ts';
import { shareStateProbes } from './probes/share-state-probes.ts';
import type { Probe, Probes } from './probes/probe.ts';
import { streamsProbes } from './probes/streams-probes.ts';
import { tlsProbes } from './probes/tls-probes.ts';
import { BROKER, DATA, ProbedBroker } from './probes/probed-broker.ts';
import { transactionProbes } from './probes/transaction-probes.ts';

const probes: Probes = {
  ...networkProbes,
  ...accessProbes,
  ...tlsProbes,
  ...saslProbes,
  ...delegationTokenProbes,
  ...logProbes,
  ...clusterProbes,
  ...groupProbes,
  ...consumerGroupProbes,
  ...shareGroupProbes,
  ...shareStateProbes,
  ...transactionProbes,
  ...streamsProbes,
  ...replicationProbes,
};
const names = [...kafkaKeys().keys()];
const acting = names.filter((name) => effectOf(name).kind === 'acts');

/** `later`: what the key is set to once the broker runs. */
async function seen(name: string, probe: Probe, value: string | undefined, later?: string): Promise<unknown> {
  const { beside, look } = probe;
  let broker: ProbedBroker;
  try {
    broker = await ProbedBroker.start({ ...beside, [name]: value });
    if (later !== undefined) await broker.set(BROKER, '', { [name]: later });
  } catch (error) {
    if (error instanceof StartError) return 'refused';
    throw error;
  }
  try {
    return await look(broker);
  } finally {
    await broker.close();
  }
}

// What nobody has asked for before is loaded, and compiled, in real time, which a probe that moves the clock on does not always
// wait for on a busy machine: then it looks again, and what it needs is there.
const LOOKS_AGAIN = 3;

describe('A config that acts', function () {
  this.retries(LOOKS_AGAIN);
  it('has a probe, and no other has', () => {
    expect(Object.keys(probes)).to.have.members(acting);
  });

  for (const [name, probe] of Object.entries(probes)) {
    it(`is seen to: ${name}`, async () => {
      const [one, other] = probe.values;
      expect([await seen(name, probe, one), await seen(name, probe, other)]).to.deep.equal(probe.sees);
    });
  }
});

/** A value that the key may have and has not unless it is set. */
function otherValue(key: ConfigKey): string {
  const { type, allowed, minimum, maximum, defaultValue } = key;
  const choice = allowed?.find((one) => one !== String(defaultValue));
  if (choice !== undefined) return choice;
  if (type === 'boolean') return String(defaultValue !== true);
  if (type === 'double') return defaultValue === 0.25 ? '0.5' : '0.25';
  if (type === 'int' || type === 'long' || type === 'short') {
    const value = minimum ?? 7;
    const other = value === defaultValue ? (maximum ?? value + 1) : value;
    return String(other);
  }
  return 'x';
}

describe('A config that acts and may change while the broker runs', function () {
  this.retries(LOOKS_AGAIN);
  for (const [name, probe] of Object.entries(probes)) {
    const [one, other] = probe.values;
    if (kafkaKeys().get(name)?.key.scope !== 'cluster-wide' || other === undefined) continue;
    it(`is seen to at once: ${name}`, async () => {
      expect(await seen(name, probe, one, other)).to.deep.equal(probe.sees[1]);
    });
  }
});

describe('internal.segment.bytes of a topic', () => {
  it('makes segments as small as it says', async () => {
    const broker = await ProbedBroker.start({});
    await broker.createTopic('t', { configs: { 'internal.segment.bytes': '500' } });
    for (let at = 0; at < 3; at++) await broker.produce('t', [{ value: Buffer.alloc(300) }]);
    expect(broker.files(`${DATA}/t-0`, '.log')).to.have.length(3);
    await broker.close();
  });
});

describe('A config that does not act', () => {
  const isServed = (name: string): boolean => ['acts', 'among nodes'].includes(effectOf(name).kind);
  const idle = names.filter((name) => !isServed(name));
  const keys = declaredKeys();
  const keyOf = (name: string) => keys.get(name) as ConfigKey;

  function warningsOf(config: Readonly<Record<string, string>>, file?: string): readonly string[] {
    const disk = new MemoryDisk({ nowMs: () => 0 });
    if (file !== undefined) disk.writeFileSync('/server.properties', Buffer.from(file));
    const input = file === undefined ? { config } : { configFile: '/server.properties' };
    return settingsOf({ memory: true, ...input }, disk).warnings;
  }

  it('is the same in the table and where a room declares it', () => {
    for (const key of roomConfigs.flatMap((room) => Object.values<ConfigKey>(room))) {
      expect(key.hasEffect, key.name).to.equal(isServed(key.name));
    }
    const undeclared = acting.filter((name) => !keyOf(name).hasEffect);
    expect(undeclared).to.deep.equal([]);
  });

  it('costs one line that names it and says why, from flags, file and environment', () => {
    for (const name of idle) {
      const value = otherValue(keyOf(name));
      const variable = `KAFKA_${name.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_').toUpperCase()}`;
      const environment = configsFromEnvironment({ [variable]: value }, (key) => keys.has(key));
      const ways = [
        warningsOf({ [name]: value }),
        warningsOf({}, `${name}=${value}`),
        warningsOf(Object.fromEntries(environment)),
      ];
      for (const warnings of ways) {
        expect(warnings, `${name}=${value}`).to.have.length(1);
        expect(warnings[0]).to.match(/ has no effect (yet: (it waits for|nobody is authenticated) .+|here: .+)/);
        expect(warnings[0]?.startsWith(`${name} `), warnings[0]).to.equal(true);
      }
    }
  });

  it('is silent at its default while it waits for a feature, for then it promises nothing', () => {
    for (const name of idle) {
      const text = formatValue(keyOf(name), keyOf(name).defaultValue);
      if (text === null) continue;
      expect(warningsOf({ [name]: text }), name).to.have.length(effectOf(name).kind === 'none' ? 1 : 0);
    }
  });

  it('is warned of behind the name of a listener too', () => {
    expect(warningsOf({ 'listener.name.plaintext.num.network.threads': '1' })[0]).to.contain(
      'a listener has no configs',
    );
  });

  it('is warned of when it is set while the broker runs', async () => {
    const broker = await LiveBroker.start();
    const client = await broker.connect();
    const set = async (name: string, value: string, resourceName = '') => {
      const configs = [{ name, configOperation: 0, value }];
      const resources = [{ resourceType: BROKER, resourceName, configs }];
      await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
    };
    await set('log.cleaner.threads', '2');
    for (const name of ['num.io.threads', ...dynamicOnlyKeys.keys()]) await set(name, '4');
    await set('message.max.bytes', '5000');
    // What is said of TLS and SASL while the broker runs acts on the connections that come from then on.
    const acts = (name: string): boolean => /^(ssl|sasl)\.|^cordoned\.log\.dirs$/.test(name);
    const ofThisBroker = acting.filter((name) => kafkaKeys().get(name)?.key.scope === 'per-broker' && !acts(name));
    expect(ofThisBroker).to.deep.equal(['listener.security.protocol.map', 'listeners']);
    await set('listener.security.protocol.map', 'PLAINTEXT:SSL', '1');
    await set('listeners', 'PLAINTEXT://:1', '1');
    const told = broker.lines.map(({ message }) => message.split(' ')[0]);
    expect(told).to.deep.equal(['log.cleaner.threads', 'num.io.threads', ...ofThisBroker]);
    client.destroy();
    await broker.close();
  });
});

describe('docs/configs.md', () => {
  it('says of every key what it does here: `npx tsx scripts/configs-page.ts` writes it', () => {
    const page = readFileSync(new URL('../../../docs/configs.md', import.meta.url), 'utf8');
    expect(page).to.equal(configsPage());
  });
});
