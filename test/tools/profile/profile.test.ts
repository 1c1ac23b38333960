import { expect } from 'chai';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { DiskError } from '../../../src/runtime/index.ts';
import { clientConfigOf, connectionSettings } from '../../../src/tools/own/connection.ts';
import { nouns } from '../../../src/tools/own/nouns.ts';
import { settingsOf, shownSetting } from '../../../src/tools/profile/profile-store.ts';
import type { ToolIo } from '../../../src/tools/tool-io.ts';
import { memoryIo } from '../memory-io.ts';

const disk = new MemoryDisk({ nowMs: () => 0 });

function ioWith(environment: Readonly<Record<string, string>> = { HOME: '/home/me' }) {
  const io = memoryIo({ environment });
  const readFile: ToolIo['readFile'] = (path) => disk.readFileSync(path);
  return { ...io, readFile, runtime: { ...io.runtime, disk } };
}

async function profile(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = ioWith();
  const tool = await nouns['profile']?.();
  const code = (await tool?.(args, io)) ?? -1;
  return { code, out: io.out(), err: io.err() };
}

describe('Profiles', () => {
  it('are made, used, shown without secrets, renamed and forgotten', async () => {
    expect((await profile('list')).out).to.equal('NAME  BROKERS\n');
    expect((await profile('current')).err).to.match(/no profile is in use/);
    expect(
      (await profile('create', 'prod', '-s', 'brokers=b:9092', '-s', 'user=me', '-s', 'pass=hidden')).out,
    ).to.match(/prod is made/);
    expect((await profile('create', 'prod')).err).to.match(/there is a profile prod already/);
    await profile('create', 'dev', '--brokers', 'localhost:1');
    expect((await profile('list')).out)
      .to.match(/prod +b:9092\n/)
      .and.match(/dev\* +localhost:1\n/);
    expect((await profile('print', 'prod')).out).to.equal('brokers=b:9092\nuser=me\npass=***\n');
    expect((await profile('use', 'prod')).out).to.match(/in use/);
    await profile('set', 'tls.enabled=true', 'user=');
    expect((await profile('print')).out).to.equal('brokers=b:9092\npass=***\ntls.enabled=true\n');
    await profile('rename', 'prod', 'live');
    expect((await profile('current')).out).to.equal('live\n');
    await profile('delete', 'live');
    expect((await profile('use', 'live')).err).to.match(/no profile "live"/);
  });

  it('stand behind flags, -X and files, before the variable', async () => {
    await profile('create', 'x', '-s', 'brokers=profile:1', '-s', 'user=u', '-s', 'pass=p');
    const io = ioWith({ HOME: '/home/me', OTTLA_BROKERS: 'variable:1' });
    disk.writeFileSync('/client.properties', Buffer.from('bootstrap.servers=file:1\nsecurity.protocol=SASL_SSL\n'));
    expect(connectionSettings(io, {}).brokers).to.equal('profile:1');
    expect(connectionSettings(io, { commandConfig: '/client.properties' })).to.include({
      brokers: 'file:1',
      'security.protocol': 'SASL_SSL',
    });
    expect(connectionSettings(io, { commandConfig: '/client.properties', X: ['brokers=x:1'] }).brokers).to.equal('x:1');
    expect(connectionSettings(io, { brokers: 'flag:1', X: ['brokers=x:1'] }).brokers).to.equal('flag:1');
    expect(connectionSettings(ioWith({ OTTLA_BROKERS: 'variable:1' }), {}).brokers).to.equal('variable:1');
    expect(connectionSettings(ioWith({}), {}).brokers).to.equal('127.0.0.1:9092');
  });

  it('make a client', () => {
    const io = ioWith();
    expect(
      clientConfigOf(io, { brokers: 'b:1', user: 'u', pass: 'p', 'sasl.mechanism': 'PLAIN', 'tls.enabled': 'true' }),
    ).to.deep.include({
      brokers: 'b:1',
      tls: true,
      sasl: { mechanism: 'plain', username: 'u', password: 'p' },
    });
    expect(() => clientConfigOf(io, { user: 'u', pass: 'p', 'sasl.mechanism': 'GSSAPI' })).to.throw(
      'plain, scram-sha-256, scram-sha-512',
    );
    expect(clientConfigOf(io, { 'security.protocol': 'SSL', registry: 'r:1' }).config).to.deep.equal({
      'security.protocol': 'SSL',
    });
  });

  it('say what is wrong with their file', () => {
    disk.writeFileSync('/broken.json', Buffer.from('{'));
    expect(() => settingsOf(ioWith({ OTTLA_CONFIG: '/broken.json' }), undefined)).to.throw(
      '/broken.json cannot be read',
    );
    expect(() => settingsOf(ioWith({ OTTLA_PROFILE: 'nobody' }), undefined)).to.throw('no profile "nobody"');
    expect(() => disk.readFileSync('/nothing')).to.throw(DiskError);
    expect(shownSetting('sasl.jaas.config', 'x')).to.equal('***');
  });
});
