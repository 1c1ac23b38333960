// The nouns and verbs of the command line, each against a broker of our own, without a process.
import { QUICK_MEMBERS } from '../../quick-members.ts';
import { expect } from 'chai';
import { type Broker, startBroker } from '../../../src/index.ts';
import { nouns } from '../../../src/tools/own/nouns.ts';
import { type MemoryIoSettings, memoryIo } from '../memory-io.ts';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('The command line', () => {
  let broker: Broker;

  before(async () => {
    broker = await startBroker({ memory: true, config: QUICK_MEMBERS });
  });

  after(() => broker.close());

  async function ottla(
    words: string,
    settings: MemoryIoSettings & { readonly extra?: readonly string[] } = {},
  ): Promise<Said> {
    const [name = '', ...args] = words.split(' ');
    const environment = { OTTLA_BROKERS: broker.bootstrapServers, ...settings.environment };
    const io = memoryIo({ ...settings, environment });
    const tool = await nouns[name]?.();
    if (tool === undefined) throw new Error(`there is no ${name}`);
    const code = await tool([...args, ...(settings.extra ?? [])], io);
    return { code, out: io.out(), err: io.err() };
  }

  async function out(
    words: string,
    settings: MemoryIoSettings & { readonly extra?: readonly string[] } = {},
  ): Promise<string> {
    const said = await ottla(words, settings);
    expect(said, words).to.include({ code: 0, err: '' });
    return said.out;
  }

  const lines = (text: string): string[] => text.trimEnd().split('\n');

  describe('topic', () => {
    it('makes, lists, describes, grows, changes and deletes', async () => {
      expect(await out('topic create t-one t-two -p 2 -c retention.ms=5000')).to.equal(
        'TOPIC  STATUS\nt-one  OK\nt-two  OK\n',
      );
      const again = await ottla('topic create t-one');
      expect(again).to.deep.equal({
        code: 1,
        err: '',
        out: "TOPIC  STATUS\nt-one  TOPIC_ALREADY_EXISTS: Topic 't-one' already exists.\n",
      });
      expect(await out('topic create t-one --if-not-exists')).to.match(/t-one {2}OK/);
      expect(await out('topic list t-one t-two --json')).to.equal(
        '{"name":"t-one","partitions":2,"replicas":1}\n{"name":"t-two","partitions":2,"replicas":1}\n',
      );
      expect(await out('topic list --format yaml -r t-o.*')).to.equal(
        '- name: t-one\n  partitions: 2\n  replicas: 1\n',
      );
      expect(await out('topic add-partitions t-two -n 3')).to.match(/t-two {2}OK/);
      expect(await out('topic describe t-two -p')).to.match(/^PARTITION .*\n0 /);
      expect(lines(await out('topic describe t-two -p'))).to.have.length(6);
      expect(await out('topic alter-config t-one -s retention.ms=9000')).to.match(/OK/);
      const [described] = JSON.parse(await out('topic describe t-one --format json')) as [
        { configs: { key: string; value: string }[] },
      ];
      expect(described.configs.find(({ key }) => key === 'retention.ms')?.value).to.equal('9000');
      expect(await out('topic delete -r t-t.*')).to.equal('TOPIC  STATUS\nt-two  OK\n');
      expect(await ottla('topic describe t-two')).to.include({ code: 1, out: '' });
    });

    it('trims', async () => {
      await out('topic create t-trim -p 1');
      await out('produce t-trim', { input: 'a\nb\nc\n' });
      const refused = await ottla('topic trim-prefix t-trim -o 2');
      expect(refused.code).to.equal(1);
      expect(refused.err).to.match(/Nobody can be asked here: --no-confirm/);
      const asked = await ottla('topic trim-prefix t-trim -o 1', { isTerminal: true, input: 'y\n' });
      expect(asked.out).to.match(/t-trim {2}0 {10}1/);
      expect(await out('topic trim-prefix t-trim -o end --no-confirm --json')).to.equal(
        '{"topic":"t-trim","partition":0,"start_offset":3}\n',
      );
    });

    it('says what is wrong with its words', async () => {
      expect((await ottla('topic create')).err).to.match(/missing required argument/);
      expect((await ottla('topic creat x')).err).to.match(/Did you mean create\?/);
      expect((await ottla('topic create x -p many')).err).to.match(/--partitions "many" is not a whole number/);
      expect((await ottla('topic create x -c novalue')).err).to.match(/--topic-config "novalue" is not KEY=VALUE/);
      expect((await ottla('topic list --format xml')).err).to.match(/--format xml is none of text, wide, json, yaml/);
      expect((await ottla('topic create bad/name')).out).to.match(/INVALID_TOPIC_EXCEPTION/);
      expect((await ottla('topic list -r (')).err).to.match(/regular expression/);
    });

    it('tells its verbs, and fits 40 columns', async () => {
      const { code, out: help } = await ottla('topic', { columns: 40 });
      expect(code).to.equal(0);
      expect(help)
        .to.match(/create/)
        .and.match(/trim-prefix/);
      expect((await ottla('topic create --help', { columns: 40 })).code).to.equal(0);
    });
  });

  describe('produce and consume', () => {
    before(async () => {
      await out('topic create records -p 2');
      const input = ['k1 {"amount":5}', 'k2 {"amount":500}', 'k1 {"amount":50}', 'k3 text'].join('\n');
      const said = await out('produce records', {
        input,
        extra: ['-f', '%k %v\n', '-H', 'h:1', '-o', '%k>%t\n', '-z', 'gzip'],
      });
      expect(said).to.equal('k1>records\nk2>records\nk1>records\nk3>records\n');
    });

    it('prints in a format, to the end', async () => {
      const said = await out('consume records -o :end', { extra: ['-f', '%k=%v %h{%k:%v}\n'] });
      expect(lines(said).sort()).to.deep.equal([
        'k1={"amount":50} h:1',
        'k1={"amount":5} h:1',
        'k2={"amount":500} h:1',
        'k3=text h:1',
      ]);
    });

    it('prints JSON, of one partition, so many', async () => {
      const said = lines(await out('topic consume records --json -n 1 -p 1 -o start'));
      expect(said).to.have.length(1);
      expect(JSON.parse(said[0] as string)).to.include({ topic: 'records', partition: 1, offset: 0 });
    });

    it('prints what a condition chooses', async () => {
      const settings = { extra: ['--where', 'value.amount > 10 and key =~ "^k"', '-f', '%v\n'] };
      const said = await out('consume records --until end', settings);
      expect(lines(said).sort()).to.deep.equal(['{"amount":500}', '{"amount":50}']);
      expect((await ottla('consume records', { extra: ['--where', 'amount > 1'] })).err).to.match(
        /--where: .*begin with value\.amount/,
      );
    });

    it('begins and ends where times say', async () => {
      expect(await out('consume records --from -1h --until now', { extra: ['-f', '.'] })).to.equal('....');
      expect(await out('consume records --from 2020-01-01 --until 2020-01-02', { extra: ['-f', '.'] })).to.equal('');
      expect(await out('consume records -o @-1h:end', { extra: ['-f', '.'] })).to.equal('....');
      expect((await ottla('consume records --from soon')).err).to.match(/--from soon: write a time/);
    });

    it('goes on where a group is', async () => {
      const first = await out('consume records -g readers -n 3', { extra: ['-f', '%v\n'] });
      const rest = await out('consume records -g readers -n 1', { extra: ['-f', '%v\n'] });
      expect(new Set([...lines(first), ...lines(rest)]).size).to.equal(4);
      const listed = await out('group list --json');
      expect(listed).to.match(/"group":"readers"/);
      const [described] = lines(await out('group describe readers --json')).map(
        (line) => JSON.parse(line) as { total_lag: number },
      );
      expect(described?.total_lag).to.equal(0);
    });

    it('stops when it is told to, and writes null for what is empty', async () => {
      await out('produce records -Z -k gone -p 0', { input: '\n' });
      const io = memoryIo({ environment: { OTTLA_BROKERS: broker.bootstrapServers } });
      const tool = await nouns['consume']?.();
      const running = tool?.(['records', '-p', '0', '-o', '-1', '--json'], io) ?? Promise.resolve(-1);
      while (io.out() === '') await new Promise((resolve) => setImmediate(resolve));
      io.stop.abort();
      expect(await running).to.equal(0);
      expect(JSON.parse(io.out())).to.include({ key: 'gone' }).and.not.have.property('value');
    });

    it('has simple forms', async () => {
      await out('topic create simple -p 1');
      await out('producer simple --key-separator :', { input: 'a:1\nb:2\nplain\n' });
      expect(await out('consumer -t simple --from-beginning -n 3 --key-separator =')).to.equal('a=1\nb=2\nplain\n');
    });

    it('refuses formats that are none', async () => {
      expect((await ottla('consume records -f %z')).err).to.match(/--format: %z is none of the escapes/);
      expect((await ottla('produce records -f %v%k')).err).to.match(/cannot be used/);
      expect((await ottla('consume nowhere')).err).to.match(/nowhere/);
      expect((await ottla('produce', { input: 'x\n' })).err).to.match(/name a topic/);
    });
  });

  describe('group', () => {
    it('seeks, forgets offsets and groups', async () => {
      await out('topic create g-topic -p 1');
      await out('producer g-topic', { input: 'a\nb\nc\n' });
      expect((await ottla('group seek g-new --to start --topics g-topic')).err).to.match(/--allow-new-topics/);
      expect(
        await out('group seek g-new --to 1 --topics g-topic --allow-new-topics').catch((error: unknown) => error),
      ).to.be.instanceOf(Error);
      expect(await out('group seek g-new --to start --topics g-topic --allow-new-topics --json')).to.equal(
        '{"topic":"g-topic","partition":0,"prior_offset":-1,"current_offset":0}\n',
      );
      expect(await out('group describe g-new -t')).to.match(/TOTAL-LAG +3\n[^]*g-topic +3\n/);
      expect(await out('group seek g-new --to end --json')).to.match(/"prior_offset":0,"current_offset":3/);
      expect(await out('group seek g-other --to-group g-new --json')).to.match(/"current_offset":3/);
      expect(await out('group offset-delete g-new -t g-topic')).to.match(/g-topic-0 +OK/);
      expect(await out('group delete g-other')).to.equal('GROUP    STATUS\ng-other  OK\n');
      expect((await ottla('group describe g-missing')).code).to.be.oneOf([0, 1]);
    });

    it('follows', async () => {
      const io = memoryIo({ environment: { OTTLA_BROKERS: broker.bootstrapServers } });
      const tool = await nouns['group']?.();
      const running = tool?.(['describe', 'readers', '--follow', '--interval', '1ms'], io) ?? Promise.resolve(-1);
      while (io.out().split('GROUP ').length < 4) await new Promise((resolve) => setImmediate(resolve));
      io.stop.abort();
      expect(await running).to.be.oneOf([0, 130]);
    });
  });

  describe('cluster, config, security', () => {
    it('shows the cluster', async () => {
      expect(await out('cluster info -b')).to.match(/^ID +HOST +PORT\n1\* /);
      expect(await out('cluster health')).to.match(/^HEALTHY +true\n/);
      expect(await out('cluster quorum --json')).to.match(/"role":"leader"/);
      expect(await out('cluster logdirs --aggregate-into topic --json')).to.match(/"topic":"records"/);
      expect(await out('doctor')).to.match(/Looked at 1 broker, .*Nothing is wrong\.\n$/);
    });

    it('shows and changes configs', async () => {
      await out('topic create configured');
      expect(await out('config set --topic configured retention.ms=77')).to.match(/configured +OK/);
      expect(await out('config get --topic configured')).to.match(/retention\.ms +77 +DYNAMIC_TOPIC_CONFIG/);
      await out('config delete --topic configured retention.ms');
      expect(await out('config get --topic configured')).to.not.match(/retention\.ms/);
      expect((await ottla('config get')).err).to.match(/say of what/);
      expect((await ottla('config get --topic configured no.such.key')).err).to.match(
        /there is no config no\.such\.key/,
      );
    });

    it('shows and changes users and quotas, and shows no password', async () => {
      const made = await out('user create alice --password-stdin', { input: 'very secret\n' });
      expect(made).to.equal('USER   STATUS\nalice  OK\n');
      expect(await out('user list')).to.match(/alice +SCRAM-SHA-256 \(4096 iterations\)/);
      expect((await ottla('user create bob')).err).to.match(/--password-stdin/);
      expect(await out('user delete alice')).to.match(/alice +OK/);
      await out('quota alter --name user=alice --add producer_byte_rate=1024');
      expect(await out('quota describe --name user=alice')).to.equal('user=alice\n  producer_byte_rate=1024\n');
      await out('quota alter --name user=alice --delete producer_byte_rate');
      expect(await out('quota describe')).to.equal('');
    });

    it('shows transactions', async () => {
      await out('topic create txn-topic -p 1');
      expect(
        await out('cat -P -t txn-topic -p 0 -q -F none -X transactional.id=tx-1 -b', {
          input: 'a\n',
          extra: [broker.bootstrapServers],
        }),
      ).to.equal('');
      expect(await out('txn list --json')).to.match(/"transactional_id":"tx-1"/);
      expect(await out('txn describe tx-1')).to.match(/tx-1 .*Complete/);
      expect(await out('txn describe-producers txn-topic --json')).to.match(/"transaction_start_offset":null/);
      expect((await ottla('txn abort-hanging txn-topic 0 0 --no-confirm')).err).to.match(
        /no transaction of txn-topic-0 begins at offset 0/,
      );
    });
  });

  describe('acl', () => {
    it('allows, shows and takes back', async () => {
      const guarded = await startBroker({ memory: true, acls: [], config: { 'super.users': 'User:ANONYMOUS' } });
      try {
        const environment = { OTTLA_BROKERS: guarded.bootstrapServers };
        const made = await out('acl create --topic a,b --operation read,write --allow-principal alice --json', {
          environment,
        });
        expect(lines(made)).to.have.length(4);
        expect(lines(await out('acl list --topic a', { environment }))).to.have.length(3);
        expect((await ottla('acl delete --topic a', { environment })).err).to.match(/Nobody can be asked/);
        expect(lines(await out('acl delete --topic a --no-confirm --json', { environment }))).to.have.length(2);
        expect(lines(await out('acl list --json', { environment }))).to.have.length(2);
        expect((await ottla('acl create --topic a', { environment })).err).to.match(/--operation/);
      } finally {
        await guarded.close();
      }
    });
  });

  describe('without a cluster', () => {
    it('says that nobody answers, and what to do', async () => {
      const environment = { OTTLA_BROKERS: '127.0.0.1:1' };
      const said = await ottla('topic list --timeout 300', { environment });
      expect(said).to.include({ code: 1, out: '' });
      expect(said.err).to.match(/^ottla: .+\. .+\.\n$/);
      const doctor = await ottla('doctor --timeout 300', { environment });
      expect(doctor.code).to.equal(2);
      expect(doctor.out).to.match(/^ERROR: The cluster does not answer at 127\.0\.0\.1:1/);
    });

    it('says what is wrong with how to get in', async () => {
      expect((await ottla('topic list -X user=alice')).err).to.match(/user alice needs a password/);
      expect((await ottla('topic list --command-config /no/such')).err).to.match(
        /--command-config \/no\/such: it cannot be read/,
      );
      expect((await ottla('topic list --profile none', { environment: { OTTLA_CONFIG: '/no/such' } })).err).to.match(
        /there is no profile "none"/,
      );
    });
  });
});
