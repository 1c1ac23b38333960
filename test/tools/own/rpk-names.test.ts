// rpk's longer names of commands, and the groups of Kafka Streams.
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinStreamsGroup, leaveStreamsGroup } from '../../../conformance/forms/group-members.ts';
import { type Broker, startBroker } from '../../../src/index.ts';
import { nouns } from '../../../src/tools/own/nouns.ts';
import { memoryIo } from '../memory-io.ts';

describe('The command line, by longer names', () => {
  let broker: Broker;
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-rpk-'));
    const config = {
      'group.streams.initial.rebalance.delay.ms': '0',
      'group.streams.session.timeout.ms': '60000',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    };
    broker = await startBroker({ memory: true, registry: true, config });
  });

  after(async () => {
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ottla(words: string): Promise<{ code: number; out: string; err: string }> {
    const [name = '', ...args] = words.replaceAll('$D', directory).split(' ');
    const io = memoryIo({ environment: { OTTLA_BROKERS: broker.bootstrapServers } });
    const tool = await nouns[name]?.();
    const registry = name === 'registry' ? ['-X', `registry.hosts=${broker.registryUrl}`] : [];
    const code = (await tool?.([...args, ...registry], io)) ?? -1;
    return { code, out: io.out(), err: io.err() };
  }

  async function out(words: string): Promise<string> {
    const said = await ottla(words);
    expect(said, words).to.include({ code: 0, err: '' });
    return said.out;
  }

  it('has acl and user below security, quotas, transactions and directories below cluster', async () => {
    await out('topic create placed');
    await out('security acl create --topic placed --operation read --allow-principal alice');
    await out('cluster quotas alter --name user=alice --add producer_byte_rate=1024');
    for (const [long, short] of [
      ['security acl list', 'acl list'],
      ['security user list', 'user list'],
      ['cluster quotas describe', 'quota describe'],
      ['cluster txn list', 'txn list'],
      ['cluster logdirs describe --topics placed', 'cluster logdirs --topics placed'],
    ] as const) {
      expect(await out(long), long).to.equal(await out(short));
    }
    expect(await out('security acl list')).to.contain('User:alice');
    expect((await ottla('security role')).code).to.equal(1);
    expect((await ottla('cluster nothing')).err).to.contain("unknown command 'nothing'");
  });

  it('has schemas and subjects below registry', async () => {
    writeFileSync(join(directory, 'a.avsc'), '"int"');
    writeFileSync(join(directory, 'b.avsc'), '"string"');
    writeFileSync(join(directory, 'c.proto'), 'syntax = "proto3"; message C { int64 id = 1; }');
    await out('registry schema create one --schema $D/a.avsc');
    await out('registry schema create two --schema $D/a.avsc');
    await out('registry schema create three --schema $D/c.proto');
    expect(await out('registry schema list')).to.match(
      /^SUBJECT +VERSION +ID +TYPE\none +1 +1 +AVRO\nthree +1 +2 +PROTOBUF\ntwo +1 +1 +AVRO\n$/,
    );
    expect(await out('registry schema get --id 1'))
      .to.match(/one[^]*two/)
      .and.not.match(/three/);
    expect(await out('registry schema get two --id 1 --json')).to.equal(
      '{"subject":"two","version":1,"id":1,"type":"AVRO"}\n',
    );
    expect(await out('registry schema get one --schema-version latest --print-schema')).to.equal('"int"\n');
    expect(await out('registry schema get one --schema $D/a.avsc')).to.match(/VERSION +1/);
    expect((await ottla('registry schema get one')).err).to.contain('--schema-version, --id and --schema');
    const checked = await ottla('registry schema check-compatibility one --schema $D/b.avsc --schema-version latest');
    expect(checked.code).to.equal(1);
    expect(await out('registry schema references one --schema-version 1')).to.match(/^SUBJECT +VERSION +ID +TYPE\n$/);
    expect(await out('registry schema 1')).to.match(/TYPE +AVRO/);
    expect(await out('registry schema delete two --schema-version 1')).to.equal('VERSION\n1\n');
    const gone = await ottla('registry subject delete one nobody');
    expect(gone.code).to.equal(1);
    expect(gone.out).to.match(/one +1 +\nnobody +- +the registry says 40401/);
    expect(await out('registry subject list')).to.equal('SUBJECT\nthree\n');
  });

  it('has levels and modes below registry', async () => {
    expect(await out('registry compatibility-level set a b --level full')).to.equal(
      'SUBJECT  LEVEL\na        FULL\nb        FULL\n',
    );
    expect(await out('registry compatibility-level get a --global --json')).to.equal(
      '{"subject":"a","level":"FULL"}\n{"subject":"{GLOBAL}","level":"BACKWARD"}\n',
    );
    expect(await out('registry mode set a --mode readonly')).to.equal('SUBJECT  MODE\na        READONLY\n');
    expect(await out('registry mode a')).to.equal('SUBJECT  MODE\na        READONLY\n');
    expect(await out('registry mode reset a')).to.equal('SUBJECT  MODE\na        READONLY\n');
    expect(await out('registry mode get a')).to.equal('SUBJECT  MODE\na        READWRITE\n');
  });

  it('shows streams groups, and lets them begin again', async () => {
    await out('topic create lines -p 1');
    await out('topic create app-words-repartition -p 1');
    const changelog = { name: 'app-counts-changelog', partitions: 0, replicationFactor: 1, topicConfigs: [] };
    const topology = {
      subtopologyId: '0',
      sourceTopics: ['lines'],
      sourceTopicRegex: [],
      stateChangelogTopics: [changelog],
      repartitionSinkTopics: [],
      repartitionSourceTopics: [],
      copartitionGroups: [],
    };
    const committed = [{ topic: 'lines', partition: 0, offset: 0 }];
    await joinStreamsGroup('app', 'first', [topology], committed)(broker.bootstrapServers);
    expect(await out('streams list')).to.match(/^GROUP +TYPE +STATE\napp +Streams +Stable\n$/);
    const described = await out('streams describe app');
    expect(described).to.match(/SUBTOPOLOGY +SOURCE-TOPICS +INTERNAL-TOPICS\n0 +lines +app-counts-changelog\n/);
    expect(described).to.match(/lines +0 +0 +0 +0\n/);
    expect(described).to.match(/first +first-client +\S+ +0_0 +/);
    expect((await ottla('streams reset app --no-confirm')).err).to.match(/app has members \(Stable\)/);
    await leaveStreamsGroup('app', 'first')(broker.bootstrapServers);
    expect((await ottla('streams reset app --topics other --no-confirm')).err).to.match(/other is no input topic/);
    const planned = await out('streams reset app --to end --dry --json');
    expect(planned).to.equal(
      '{"offsets":[{"topic":"lines","partition":0,"prior_offset":0,"current_offset":0}],"deleted_topics":["app-counts-changelog"]}\n',
    );
    expect(await out('topic list')).to.contain('app-counts-changelog');
    expect(await out('streams reset app --no-confirm')).to.match(
      /lines +0 +0 +0\n\nDELETED-TOPIC\napp-counts-changelog\n/,
    );
    expect(await out('topic list')).to.not.contain('app-counts-changelog');
    expect(await out('streams delete app')).to.match(/app +OK/);
    expect((await ottla('streams describe app')).err).to.match(/app: GROUP_ID_NOT_FOUND/);
  });
});
