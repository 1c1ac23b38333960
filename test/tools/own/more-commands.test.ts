// Commands that need more than a broker, or less: a registry, share groups, tokens, files, load.
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { nouns } from '../../../src/tools/own/nouns.ts';
import { memoryIo } from '../memory-io.ts';

describe('The command line, with more around it', () => {
  let broker: Broker;
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-cli-'));
    broker = await startBroker({ dataDir: join(directory, 'data'), registry: true, users: { alice: 'secret' } });
  });

  after(async () => {
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ottla(words: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
    const [name = '', ...args] = words;
    const io = memoryIo({ input, environment: { OTTLA_BROKERS: broker.bootstrapServers } });
    const tool = await nouns[name]?.();
    const login = ['-X', 'user=alice', '-X', 'pass=secret', '-X', `registry.hosts=${broker.registryUrl}`];
    const isPlain = name === 'completion' || name === 'log';
    const code = (await tool?.([...args, ...(isPlain ? [] : login)], io)) ?? -1;
    return { code, out: io.out(), err: io.err() };
  }

  async function out(...words: string[]): Promise<string> {
    const said = await ottla(words);
    expect(said, words.join(' ')).to.include({ code: 0, err: '' });
    return said.out;
  }

  it('logs in, and shows no password when it is wrong', async () => {
    // One partition: a sticky partitioner may leave one of two without a record, and what follows reads partition 0.
    await out('topic', 'create', 'bench', '-p', '1');
    const io = memoryIo({ environment: { OTTLA_BROKERS: broker.bootstrapServers } });
    const topic = await nouns['topic']?.();
    expect(await topic?.(['list', '-X', 'user=alice', '-X', 'pass=wrong-password', '--timeout', '3000'], io)).to.equal(
      1,
    );
    expect(io.err())
      .to.match(/^ottla: .*[Aa]uthentication/)
      .and.not.match(/wrong-password/);
  });

  it('puts a load on, and tells figures', async () => {
    const wrote = await ottla(['bench', 'producer', 'bench', '-n', '2000', '-s', '50', '--json']);
    expect(wrote.code).to.equal(0);
    expect(JSON.parse(wrote.out)).to.include({ records: 2000, bytes: 100_000 }).and.have.property('latency_p99_ms');
    const read = await ottla(['bench', 'consumer', 'bench']);
    expect(read.out).to.match(/RECORDS +2000\nBYTES +100kB\n/);
  });

  it('registers, shows, checks and deletes schemas', async () => {
    const path = join(directory, 'order.avsc');
    writeFileSync(path, '{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}');
    expect(await out('registry', 'create', 'orders-value', '--schema', path, '--json')).to.equal(
      '{"subject":"orders-value","id":1}\n',
    );
    expect(await out('registry', 'subjects')).to.equal('SUBJECT\norders-value\n');
    expect(await out('registry', 'get', 'orders-value', '--print-schema')).to.match(/^\{"type":"record"/);
    expect(await out('registry', 'schema', '1')).to.match(/TYPE +AVRO/);
    expect(await out('registry', 'compatibility', 'orders-value', '--set', 'FULL')).to.match(/orders-value +FULL/);
    writeFileSync(path, '{"type":"string"}');
    const check = await ottla(['registry', 'check', 'orders-value', '--schema', path]);
    expect(check).to.include({ code: 1 });
    expect(check.out).to.match(/^not compatible\n/);
    expect((await ottla(['registry', 'create', 'orders-value', '--schema', path])).err).to.match(
      /the registry says 409/,
    );
    expect(await out('registry', 'versions', 'orders-value')).to.equal('VERSION\n1\n');
    expect(await out('registry', 'delete', 'orders-value')).to.equal('VERSION\n1\n');
    expect((await ottla(['registry', 'get', 'orders-value'])).err).to.match(/the registry says 404/);
    expect((await ottla(['registry', 'subjects', '--registry', '127.0.0.1:1'])).err).to.match(/does not answer/);
  });

  it('writes and reads by schemas of the registry, in three languages', async () => {
    const schemas = {
      avro: '{"type":"record","name":"O","fields":[{"name":"id","type":"long"},{"name":"who","type":["null","string"]}]}',
      json: '{"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}',
      protobuf: 'syntax = "proto3"; message O { int64 id = 1; string who = 2; }',
    };
    for (const [type, schema] of Object.entries(schemas)) {
      const topic = `encoded-${type}`;
      const path = join(directory, `${type}.schema`);
      writeFileSync(path, schema);
      await out('topic', 'create', topic, '-p', '1');
      await out('registry', 'create', `${topic}-value`, '--schema', path, '--type', type);
      const sent = await ottla(['produce', topic, '--schema-id', 'topic', '-o', ''], '{"id":7,"who":"ada"}\n');
      expect(sent, type).to.deep.equal({ code: 0, out: '', err: '' });
      const read = await out('consume', topic, '-o', ':end', '-f', '%v', '--use-schema-registry=value');
      expect(JSON.parse(read), type).to.deep.equal({ id: 7, who: 'ada' });
      const raw = await out('consume', topic, '-o', ':end', '-f', '%v{hex}');
      expect(raw.slice(0, 2), type).to.equal('00');
      const chosen = await out(
        'consume',
        topic,
        '--until',
        'end',
        '--where',
        'value.id == 7',
        '-f',
        '%o',
        '--use-schema-registry',
      );
      expect(chosen, type).to.equal('0');
    }
    const wrong = await ottla(['produce', 'encoded-avro', '--schema-id', 'topic', '-o', ''], '{"id":"text"}\n');
    expect(wrong.err).to.match(/the value cannot be encoded/);
    const plain = await ottla(['consume', 'bench', '-n', '1', '--use-schema-registry', '-o', ':end']);
    expect(plain.err === '' || /cannot be decoded/.test(plain.err)).to.equal(true);
  });

  it('are read by ottla cat -s avro, in text and in the envelope', async () => {
    const io = memoryIo();
    const cat = await nouns['cat']?.();
    const login = [
      '-X',
      'security.protocol=sasl_plaintext',
      '-X',
      'sasl.mechanisms=PLAIN',
      '-X',
      'sasl.username=alice',
      '-X',
      'sasl.password=secret',
    ];
    const basics = [
      '-b',
      broker.bootstrapServers,
      '-F',
      'none',
      ...login,
      '-r',
      broker.registryUrl as string,
      '-X',
      'schema.registry.basic.auth.user.info=alice:secret',
    ];
    const args = [...basics, '-C', '-t', 'encoded-avro', '-e', '-q', '-s', 'value=avro'];
    expect(await cat?.(args, io)).to.equal(0);
    expect(io.out()).to.equal('{"id":7,"who":"ada"}\n');
    const enveloped = memoryIo();
    expect(await cat?.([...args, '-J'], enveloped)).to.equal(0);
    const { payload, value_schema_id: id } = JSON.parse(enveloped.out()) as {
      payload: object;
      value_schema_id: number;
    };
    expect(payload).to.deep.equal({ id: 7, who: 'ada' });
    expect(id).to.be.a('number');
    const producing = memoryIo({ input: '{"id":8,"who":null}\n' });
    expect(await cat?.([...basics, '-P', '-t', 'encoded-avro', '-p', '0', '-s', 'value=avro'], producing)).to.equal(0);
    const again = memoryIo();
    expect(await cat?.([...args, '-o', '-1'], again)).to.equal(0);
    expect(again.out()).to.equal('{"id":8,"who":null}\n');
    const unreadable = memoryIo();
    expect(
      await cat?.([...basics, '-C', '-t', 'bench', '-p', '0', '-c', '1', '-s', 'value=avro'], unreadable),
    ).to.be.oneOf([0, 1]);
    expect(unreadable.err()).to.match(
      /^% ERROR: Failed to format message in bench \[0\] at offset 0: Avro\/Schema-registry message deserialization: /,
    );
  });

  it('makes, shows, renews and ends tokens', async () => {
    const refused = await ottla(['token', 'create']);
    const isServed = refused.code === 0;
    expect(refused.err === '' || /DELEGATION_TOKEN|token/i.test(refused.err)).to.equal(true);
    if (isServed) expect(await out('token', 'list')).to.match(/User:alice/);
    expect((await ottla(['token', 'renew', 'not base64!'])).err).to.match(/given in base64/);
  });

  it('shows and moves share groups', async () => {
    await out('topic', 'create', 'shared', '-p', '1');
    expect(await out('share', 'list')).to.equal('GROUP  TYPE  STATE\n');
    const sought = await ottla(['share', 'seek', 'workers', '--to', 'start', '--topics', 'shared']);
    expect(sought.code).to.be.oneOf([0, 1]);
    expect((await ottla(['share', 'seek', 'workers', '--to', 'soon', '--topics', 'shared'])).err).to.match(
      /none of start, end/,
    );
  });

  it('dumps logs, and changes nothing', async () => {
    const path = join(directory, 'data', 'bench-0');
    const segment = join(path, '00000000000000000000.log');
    const before = readFileSync(segment);
    const io = memoryIo();
    const log = await nouns['log']?.();
    expect(await log?.(['dump', path, '--json', '-n', '1', '--records'], io)).to.equal(0);
    expect(JSON.parse(io.out())).to.include({ position: 0, baseOffset: 0, codec: 'none' });
    expect((await ottla(['log', 'dump', segment])).out).to.match(/@0 +0\.\.\d+ +\d+ records/);
    expect((await ottla(['log', 'dump', '/no/such'])).err).to.match(/there is no such file/);
    expect(readFileSync(segment).equals(before)).to.equal(true);
    expect((await ottla(['doctor', join(directory, 'data'), '--deep'])).out).to.match(/The broker runs/);
  });

  it('completes in three shells', async () => {
    expect(await out('completion', 'bash'))
      .to.match(/complete .* ottla/)
      .and.match(/topic\) words="create list/);
    expect(await out('completion', 'zsh')).to.match(/#compdef ottla/);
    expect(await out('completion', 'fish')).to.match(/__fish_seen_subcommand_from topic/);
    expect((await ottla(['completion', 'tcsh'])).err).to.match(/bash\|zsh\|fish/);
  });
});
