import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { explain } from '../../src/cli/explain.ts';
import { helpText, startHelpText } from '../../src/cli/help.ts';
import {
  clusterJson,
  clusterScreen,
  type Listening,
  type ListeningCluster,
  listeningJson,
  startScreen,
} from '../../src/cli/screen.ts';
import { version } from '../../src/cli/version.ts';
import { ConfigError, DiskError } from '../../src/runtime/index.ts';

const broker: Listening = {
  bootstrapServers: '127.0.0.1:9092',
  host: '127.0.0.1',
  port: 9092,
  clusterId: '4L6g3nShT-eMCtK--X86sw',
  dataDir: './kafka-data',
  durability: 'page-cache',
};

const cluster: ListeningCluster = {
  bootstrapServers: '127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094',
  clusterId: '4L6g3nShT-eMCtK--X86sw',
  nodes: [1, 2, 3].map((id) => ({
    id,
    roles: ['broker', 'controller'],
    host: '127.0.0.1',
    port: 9091 + id,
    dataDir: `./kafka-cluster/node${id}`,
    durability: 'page-cache',
  })),
};

describe('The start screen of a cluster', () => {
  it('tells of every node where it listens and keeps its data, and what the cluster promises', () => {
    const screen = clusterScreen(cluster, false);
    expect(screen.split('\n').length).to.be.below(20);
    for (const line of screen.split('\n')) expect(line.length, line).to.be.at.most(125);
    for (const id of [1, 2, 3]) {
      expect(screen).to.match(
        new RegExp(`Node ${id} +127\\.0\\.0\\.1:${9091 + id} .*data \\./kafka-cluster/node${id}`),
      );
    }
    expect(screen).to.contain('page-cache: an acknowledged record').and.contain('acks=all');
  });

  it('is one line of JSON for programs', () => {
    const line = clusterJson(cluster, 7);
    expect(line.endsWith('}\n')).to.equal(true);
    const facts = JSON.parse(line) as Record<string, unknown>;
    expect(facts).to.include({ event: 'listening', pid: 7, durability: 'page-cache' });
    expect(facts['nodes']).to.have.length(3);
  });
});

describe('The start screen', () => {
  it('tells on one screen where the broker is, what it promises, and what to try', () => {
    const screen = startScreen(broker, false);
    expect(screen.split('\n').length).to.be.below(20);
    for (const line of screen.split('\n')) expect(line.length, line).to.be.at.most(110);
    for (const part of [
      '127.0.0.1:9092',
      '4L6g3nShT-eMCtK--X86sw',
      './kafka-data',
      'page-cache: an acknowledged record',
      'kcat',
    ]) {
      expect(screen).to.contain(part);
    }
    expect(screen).to.not.contain('\u001b');
    expect(startScreen({ ...broker, durability: 'memory' }, false)).to.contain('nothing is kept');
    expect(startScreen({ ...broker, host: '::1' }, false)).to.contain('[::1]:9092');
  });

  it('is one line of JSON for programs, keys in a fixed order', () => {
    expect(listeningJson(broker, 7)).to.equal(
      '{"event":"listening","bootstrapServers":"127.0.0.1:9092","port":9092,"clusterId":"4L6g3nShT-eMCtK--X86sw",' +
        '"dataDir":"./kafka-data","durability":"page-cache","pid":7}\n',
    );
  });
});

describe('Refusals to start', () => {
  const flags = { set: new Map<string, string>(), json: false, quiet: false, port: 9092, host: '10.1.2.3' };

  it('are one line that says what to do', () => {
    const system = (code: string): Error => Object.assign(new Error(code), { code });
    const lines = [
      explain(new DiskError('EACCES', '/data', 'permission denied'), flags),
      explain(new DiskError('ENOTDIR', '/data', 'not a directory'), flags),
      explain(new DiskError('ENOSPC', '/data', 'no space left on device'), flags),
      explain(system('EMFILE'), flags),
      explain(new DiskError('EIO', '/data', 'i/o error'), flags),
      explain(new DiskError('ESTALE', '/data', 'taken'), flags),
      explain(new DiskError('ENOTEMPTY', '/data', 'not empty'), flags),
      explain(new ConfigError('Invalid value x for configuration num.partitions: Not a number of type INT'), flags),
      explain(Object.assign(new Error('The directory is\n locked.'), { name: 'StartError' }), flags),
    ];
    for (const line of lines) {
      expect(line).to.not.contain('\n');
      expect(line).to.not.contain('    at ');
      expect(line).to.match(/[.T]$/);
    }
    expect(lines[0]).to.contain('/data').and.contain('--data');
    expect(lines.at(-1)).to.equal('The directory is locked.');
  });

  it('tell a bug of ours with its place', () => {
    expect(explain(new TypeError('x is undefined'), flags)).to.contain('    at ');
  });
});

describe('The texts of the command line', () => {
  it('carry the version of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(version).to.equal(manifest.version);
  });

  it('fit a screen', () => {
    for (const text of [helpText, startHelpText]) {
      expect(text.split('\n').length).to.be.below(26);
      for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(100);
    }
  });
});
