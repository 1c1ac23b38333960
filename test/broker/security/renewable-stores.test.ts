// The stores with which a node dials the others, while their files and configs change.
import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RenewableStores } from '../../../src/broker/security/tls/renewable-stores.ts';
import type { Logger } from '../../../src/runtime/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { keyPath, SERVER_STORES } from './keys.ts';

const { disk } = nodeRuntime({ logger: silentLogger });
const ANY_NAME = { 'ssl.allow.dn.changes': 'true', 'ssl.allow.san.changes': 'true' };

describe('The key store of connections to other nodes', () => {
  let home = '';
  let file = '';
  let lines: string[] = [];
  let entries: ReadonlyMap<string, string> = new Map();
  const logger: Logger = { log: (level, message) => void lines.push(`${level} ${message}`), child: () => logger };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'ottla-stores-'));
    file = join(home, 'own.p12');
    copyFileSync(keyPath('server.p12'), file);
    lines = [];
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function opened(config: Readonly<Record<string, string>> = ANY_NAME): RenewableStores {
    entries = new Map(Object.entries({ ...SERVER_STORES, 'ssl.keystore.location': file, ...config }));
    return new RenewableStores({ listener: 'NODES', entries: () => entries, disk, logger });
  }
  const subjectOf = ({ settings }: RenewableStores): string =>
    new X509Certificate(settings.certificates ?? '').subject.replaceAll('\n', ', ');

  it('is the same object while nothing changes', () => {
    const stores = opened();
    const before = stores.settings;
    entries = new Map(entries);
    expect(stores.settings).to.equal(before);
    expect(lines).to.deep.equal([]);
  });

  it('is read again when its file has changed, and when a config of its listener names another', () => {
    const stores = opened();
    expect(subjectOf(stores)).to.contain('CN=localhost');
    copyFileSync(keyPath('client-b.p12'), file);
    expect(subjectOf(stores)).to.contain('CN=bob.example.com');
    entries = new Map([...entries, ['listener.name.nodes.ssl.keystore.location', keyPath('client-a.p12')]]);
    expect(subjectOf(stores)).to.contain('CN=Alice');
    entries = new Map([...entries, ['listener.name.other.ssl.keystore.location', keyPath('client-b.p12')]]);
    expect(subjectOf(stores)).to.contain('CN=Alice');
    expect(lines).to.have.length(2);
  });

  it('stays as it is while what is there is damaged, gone, or for somebody else, which is told once', () => {
    const stores = opened({});
    const before = stores.settings;
    for (const change of [
      () => writeFileSync(file, 'half a file'),
      () => rmSync(file),
      () => copyFileSync(keyPath('client-a.p12'), file),
    ]) {
      lines = [];
      change();
      for (let dials = 0; dials < 3; dials++) expect(stores.settings).to.equal(before);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(/^warn .*the one before stays/);
    }
    copyFileSync(keyPath('server.p12'), file);
    expect(stores.settings).to.equal(before);
  });
});
