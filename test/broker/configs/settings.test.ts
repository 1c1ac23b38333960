// What a broker may be started with, and what it says when that cannot be: always one line, before anything is opened.
import { expect } from 'chai';
import { join } from 'node:path';
import { type Settings, type SettingsInput, settingsOf, StartError } from '../../../src/broker/configs/settings.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';

const FILE = '/server.properties';

function resolve(input: SettingsInput, file?: string): Settings {
  const disk = new MemoryDisk({ nowMs: () => 0 });
  if (file !== undefined) disk.writeFileSync(FILE, Buffer.from(file));
  return settingsOf(file === undefined ? input : { configFile: FILE, ...input }, disk);
}

function refusal(input: SettingsInput, file?: string): string {
  try {
    resolve(input, file);
  } catch (error) {
    expect(error).to.be.instanceOf(StartError);
    expect((error as Error).message).to.not.contain('\n');
    return (error as Error).message;
  }
  throw new Error(`accepted: ${JSON.stringify(input)} ${file ?? ''}`);
}

describe('settingsOf', () => {
  it('has the defaults of Kafka, a page-cached log below the current directory', () => {
    const settings = resolve({});
    expect(settings).to.deep.include({
      durability: 'page-cache',
      logDirs: [join(process.cwd(), 'kafka-data')],
      warnings: [],
    });
    expect(settings.listeners).to.deep.equal([{ name: 'PLAINTEXT', host: '127.0.0.1', port: 9092 }]);
    expect(settings.advertised.size).to.equal(0);
    expect(settings.broker.nodeId).to.equal(1);
  });

  it('has defaults for tests, which all else wins over', () => {
    const settings = resolve({ profile: 'test' });
    expect(settings).to.deep.include({ durability: 'memory', warnings: [] });
    expect(settings.entries.get('group.initial.rebalance.delay.ms')).to.equal('0');
    expect(settings.entries.get('transaction.state.log.num.partitions')).to.equal('1');
    expect(settings.broker.autoCreateTopicsEnable).to.equal(true);
    expect(resolve({ profile: 'test', dataDir: 'x' }).durability).to.equal('page-cache');
    expect(resolve({ profile: 'test', durability: 'fsync' }).durability).to.equal('fsync');
    expect(resolve({ profile: 'test', config: { 'log.dirs': 'x' } }).logDirs).to.deep.equal([join(process.cwd(), 'x')]);
    const file = 'offsets.topic.num.partitions=3\nlog.dirs=y';
    const filed = resolve({ profile: 'test', config: { 'auto.create.topics.enable': false } }, file);
    expect(filed).to.deep.include({ durability: 'page-cache', logDirs: [join(process.cwd(), 'y')] });
    expect(filed.entries.get('offsets.topic.num.partitions')).to.equal('3');
    expect(filed.broker.autoCreateTopicsEnable).to.equal(false);
    expect(resolve({ memory: true }).entries.has('offsets.topic.num.partitions')).to.equal(false);
    expect(refusal({ profile: 'fast' as never })).to.contain('fast');
  });

  it('lets options win over configs, and configs over the file', () => {
    const file = 'num.partitions=3\nlisteners=PLAINTEXT://10.0.0.1:1000\nnode.id=4\n';
    const settings = resolve({ port: 0, config: { 'num.partitions': 5 } }, file);
    expect(settings.entries.get('num.partitions')).to.equal('5');
    expect(settings.broker.nodeId).to.equal(4);
    expect(settings.listeners).to.deep.equal([{ name: 'PLAINTEXT', host: '10.0.0.1', port: 0 }]);
  });

  it('replaces the client listener by host and port, and what it advertised, but no other listener', () => {
    const config = {
      listeners: 'CONTROLLER://127.0.0.1:9093,PLAINTEXT://0.0.0.0:9092,EXTRA://0.0.0.0:9095',
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,EXTRA:PLAINTEXT',
      'advertised.listeners': 'PLAINTEXT://kafka.example:9092,EXTRA://extra.example:1',
    };
    const settings = resolve({ config, host: '127.0.0.2', port: 7 });
    expect(settings.listeners).to.deep.equal([
      { name: 'PLAINTEXT', host: '127.0.0.2', port: 7 },
      { name: 'EXTRA', host: '0.0.0.0', port: 9095 },
    ]);
    expect([...settings.advertised.keys()]).to.deep.equal(['EXTRA']);
  });

  const wrong: readonly [string, Record<string, string | number | boolean>, string][] = [
    ['a number that is none', { 'num.partitions': 'many' }, 'num.partitions'],
    ['a number out of bounds', { 'num.partitions': 0 }, 'num.partitions'],
    ['a boolean that is none', { 'auto.create.topics.enable': 'perhaps' }, 'auto.create.topics.enable'],
    ['a word that is not in the list', { 'ottla.durability': 'hope' }, 'ottla.durability'],
    ['a key that Kafka does not know', { 'num.partition': 3 }, 'num.partition'],
    ['a topic config', { 'retention.ms': 3 }, 'retention.ms'],
    ['a listener that cannot be read', { listeners: 'localhost:9092' }, 'localhost:9092'],
    ['a port beyond 65535', { listeners: 'PLAINTEXT://h:65536' }, '65536'],
    ['a listener twice', { listeners: 'PLAINTEXT://h:1,PLAINTEXT://h:2' }, 'listeners'],
    [
      'no listener for clients',
      { listeners: 'CONTROLLER://h:1', 'controller.listener.names': 'CONTROLLER' },
      'listeners',
    ],
    ['a listener without a protocol', { listeners: 'MINE://h:1' }, 'MINE'],
    [
      'a protocol that there is not',
      { listeners: 'MINE://h:1', 'listener.security.protocol.map': 'MINE:TELNET' },
      'TELNET',
    ],
    ['a map that cannot be read', { 'listener.security.protocol.map': 'MINE' }, 'listener.security.protocol.map'],
    ['an advertised listener that is not there', { 'advertised.listeners': 'OTHER://h:1' }, 'OTHER'],
    ['every address, advertised', { 'advertised.listeners': 'PLAINTEXT://0.0.0.0:1' }, '0.0.0.0'],
    ['a role of its own', { 'process.roles': 'broker' }, 'process.roles'],
    ['no directory', { 'log.dirs': ' , ' }, 'log.dirs'],
  ];
  for (const [what, config, named] of wrong) {
    it(`refuses ${what} in a line that names it`, () => {
      expect(refusal({ config })).to.contain(named);
    });
  }

  it('refuses memory with a directory, or with another durability', () => {
    expect(refusal({ memory: true, dataDir: '/x' })).to.contain('--data');
    expect(refusal({ memory: true, durability: 'fsync' })).to.contain('fsync');
    expect(refusal({ durability: 'memory', dataDir: '/x' })).to.contain('--data');
  });

  it('refuses a file that is not there', () => {
    expect(refusal({ configFile: '/no/such/file' })).to.contain('/no/such/file');
  });

  it('warns of an unknown key in a file, and goes on', () => {
    const { warnings } = resolve({}, 'no.such.key=1\nnum.partitions=2\n');
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('no.such.key');
  });

  it('warns once of a Kafka key without effect, wherever it stands', () => {
    expect(resolve({ config: { 'num.io.threads': 8 } }).warnings).to.have.length(1);
    expect(resolve({}, 'num.io.threads=8').warnings).to.have.length(1);
    expect(resolve({ config: { 'num.io.threads': 8 } }, 'num.io.threads=4').warnings).to.have.length(1);
  });

  it('accepts a controller listener, and does not open it', () => {
    const file = 'listeners=PLAINTEXT://:9092,CONTROLLER://:9093\ncontroller.listener.names=CONTROLLER\n';
    const settings = resolve({}, file);
    expect(settings.listeners.map(({ name }) => name)).to.deep.equal(['PLAINTEXT']);
    expect(settings.controllerListeners).to.deep.equal([{ name: 'CONTROLLER', host: '', port: 9093 }]);
  });

  it('knows configs of a listener of its own', () => {
    const { warnings } = resolve({ config: { 'listener.name.plaintext.ssl.keystore.location': 'x' } });
    expect(warnings).to.deep.equal([]);
    const { warnings: ofKerberos } = resolve({
      config: { 'listener.name.plaintext.sasl.kerberos.service.name': 'x' },
    });
    expect(ofKerberos[0]).to.contain('Kerberos');
    expect(refusal({ config: { 'listener.name.plaintext.no.such': 1 } })).to.contain('no.such');
  });
});
