// Every way in which a start can fail that a test can bring about: one line that names the listener, file, address or value
// that it is about, no stack, status 1.
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCommandLine } from '../../src/cli/arguments.ts';
import { explain } from '../../src/cli/explain.ts';
import { start } from '../../src/cli/start.ts';
import { ListenError } from '../../src/broker/network/listen-error.ts';
import { DiskError } from '../../src/runtime/index.ts';

const MAP = 'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,OTHER:PLAINTEXT,CONTROLLER:PLAINTEXT';
const CLUSTER = '4L6g3nShT-eMCtK--X86sw';

describe('A start that fails', () => {
  let directory: string;
  let taken: net.Server;
  let port: number;
  const at = (...parts: string[]): string => join(directory, ...parts);
  const file = (path: string, text: string): string => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-fails-'));
    taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    ({ port } = taken.address() as net.AddressInfo);
  });
  afterEach(() => {
    taken.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** What `ottla start` with these arguments complains of, without its log lines. */
  async function refusal(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
    const command = parseCommandLine(['start', '--quiet', ...args]);
    if (command.kind !== 'start') return command.kind === 'mistake' ? command.message : command.kind;
    const lines: string[] = [];
    const status = await start(command.flags, {
      args,
      environment,
      processId: 1,
      isColored: false,
      print: (text) => void lines.push(`printed ${text}`),
      complain: (text) => void lines.push(text),
      onSignal: (action) => void setImmediate(() => action('SIGTERM')),
      exit: () => undefined,
    });
    expect(status, lines.join('')).to.equal(1);
    const told = lines.filter((line) => !/^\d{4}-\d\d-\d\d /.test(line));
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/^ottla: [^\n]+\n$/);
    return (told[0] as string).slice('ottla: '.length, -1);
  }

  const inUse = (name: string, where: string): string =>
    `listener ${name} cannot listen on ${where}: port ${port} is in use by another program or listener. Stop it, or choose another port with --port or in listeners: 0 picks a free one.`;

  it('on a port that is taken names the listener and the port, however it was said', async () => {
    const here = `127.0.0.1:${port}`;
    expect(await refusal(['--memory', '--port', String(port)])).to.equal(inUse('PLAINTEXT', here));
    expect(await refusal(['--memory', '--set', `listeners=PLAINTEXT://${here}`])).to.equal(inUse('PLAINTEXT', here));
    expect(await refusal(['--memory'], { KAFKA_LISTENERS: `PLAINTEXT://${here}` })).to.equal(inUse('PLAINTEXT', here));
    const config = file(at('server.properties'), `listeners=PLAINTEXT://${here}\nlog.dirs=${at('data')}\n`);
    expect(await refusal(['--config', config])).to.equal(inUse('PLAINTEXT', here));
    const everywhere = ['--memory', '--set', `listeners=PLAINTEXT://:${port}`];
    expect(await refusal(everywhere)).to.equal(inUse('PLAINTEXT', `port ${port}`));
    const second = `listeners=PLAINTEXT://127.0.0.1:0,OTHER://${here}`;
    expect(await refusal(['--memory', '--set', second, '--set', MAP])).to.equal(inUse('OTHER', here));
    const controller = `listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://${here}`;
    const names = 'controller.listener.names=CONTROLLER';
    expect(await refusal(['--memory', '--set', controller, '--set', names])).to.equal(inUse('CONTROLLER', here));
  });

  it('on an address that this machine has not names the listener and the address', async () => {
    const nowhere = '203.0.113.7';
    const text = `listener PLAINTEXT cannot listen on ${nowhere}:0: this machine has no address ${nowhere}. Give one of its own with --host or in listeners, or 0.0.0.0 for all of them.`;
    expect(await refusal(['--memory', '--port', '0', '--host', nowhere])).to.equal(text);
    expect(await refusal(['--memory', '--set', `listeners=PLAINTEXT://${nowhere}:0`])).to.equal(text);
  });

  it('for any other reason of the network names the listener, the address and the reason', () => {
    const texts: Record<string, RegExp> = {
      ENOTFOUND: /listener L cannot listen on broker\.example:80: no address is known for the name broker\.example\./,
      EAI_AGAIN: /no address is known for the name broker\.example\./,
      EACCES: /listener L cannot listen on broker\.example:80: port 80 needs more rights .* above 1023/,
      EPERM: /port 80 needs more rights/,
      EAFNOSUPPORT: /no addresses of the kind of broker\.example/,
      EINVAL: /link-local address needs its zone/,
      EMFILE: /too many files are open\. Raise the limit/,
      EOTHER: /broker\.example:80: listen EOTHER\. Choose another address/,
    };
    for (const [code, text] of Object.entries(texts)) {
      const cause = Object.assign(new Error(`listen ${code}`), { code });
      const error = new ListenError({ name: 'L', host: 'broker.example', port: 80 }, cause);
      expect(error.message, code).to.match(text);
      expect(error).to.include({ code, cause });
    }
    const error = new ListenError({ name: 'L', host: '::1', port: 9 }, new Error('no'));
    expect(error.message).to.match(/^listener L cannot listen on \[::1\]:9: no\. /);
  });

  it('in a data directory names what is in the way', async () => {
    const data = (path: string): Promise<string> => refusal(['--port', '0', '--data', path]);
    file(at('file'), '');
    expect(await data(at('file'))).to.contain(`a part of the path ${at('file')} is a file, not a directory`);
    expect(await data(at('file', 'below'))).to.contain(`a part of the path ${at('file', 'below')} is a file`);
    expect(await data(at('x'.repeat(300)))).to.contain(`the path ${at('x'.repeat(300))} is too long`);
    symlinkSync(at('loop'), at('loop'));
    expect(await data(at('loop'))).to.contain(`${at('loop')} is a link that leads back to itself`);
    symlinkSync(at('nowhere'), at('dangling'));
    expect(await data(at('dangling'))).to.contain(`${at('dangling')} is there and is not a directory`);
    mkdirSync(at('odd', '.lock'), { recursive: true });
    expect(await data(at('odd'))).to.contain(`${at('odd', '.lock')}`);
    mkdirSync(at('meta', 'meta.properties'), { recursive: true });
    expect(await data(at('meta'))).to.contain(`${at('meta', 'meta.properties')} is a directory, where a file must be`);
    expect(await refusal(['--port', '0', '--set', `log.dirs=${at('a')},${at('a')}`])).to.equal(
      `log.dirs=${at('a')},${at('a')} has one twice: name each directory once`,
    );
    expect(await refusal(['--port', '0', '--set', 'log.dirs='])).to.contain('log.dirs is empty');
    expect(await refusal(['--memory', '--data', at('a')]))
      .to.contain('--memory')
      .and.contain('--data');
  });

  it('on a disk that refuses names the path and what to do, whatever the code', () => {
    const flags = { set: new Map<string, string>(), json: false, quiet: false };
    const texts: Record<string, RegExp> = {
      EACCES: /this user may not read or write \/d\/x \(EACCES\)/,
      EPERM: /this user may not read or write \/d\/x \(EPERM\)/,
      EROFS: /\/d\/x .* read-only/,
      ENOSPC: /the disk that holds \/d\/x is full\. Make room/,
      EDQUOT: /the disk that holds \/d\/x is full/,
      EIO: /the disk that holds \/d\/x reports an error \(EIO\)\. Check it/,
      ESTALE: /another broker has taken \/d\/x/,
      ENOTEMPTY: /\/d\/x is not empty\. Move away/,
      ENOENT: /\/d\/x is not there/,
      EMFILE: /too many files are open\. Raise the limit/,
      EBUSY: /the disk refuses \/d\/x \(EBUSY: because: \/d\/x\)/,
    };
    for (const [code, text] of Object.entries(texts)) {
      const line = explain(new DiskError(code, '/d/x', 'because'), flags);
      expect(line, code).to.match(text).and.to.match(/\.$/).and.not.contain('\n');
    }
  });

  it('on what meta.properties says names the file or directory, and what differs', async () => {
    const said = (text: string): Promise<string> => {
      rmSync(at('data'), { recursive: true, force: true });
      file(at('data', 'meta.properties'), text);
      return refusal(['--port', '0', '--data', at('data')]);
    };
    const path = at('data', 'meta.properties');
    expect(await said('')).to.contain(path);
    expect(await said('version=9\n'))
      .to.contain(path)
      .and.contain('version 9');
    expect(await said('version=1\nnode.id=1\n'))
      .to.contain(path)
      .and.contain('cluster.id');
    expect(await said(`version=1\ncluster.id=${CLUSTER}\nnode.id=x\n`))
      .to.contain(path)
      .and.contain('node.id');
    expect(await said('version=\\u00zz\n')).to.contain(`${path} is damaged (Line 1: \\u must be followed`);
    expect(await said(`version=1\ncluster.id=${CLUSTER}\nnode.id=77\n`))
      .to.contain(at('data'))
      .and.contain('node 77')
      .and.contain('node.id is 1');
    const other = `version=1\ncluster.id=5L6g3nShT-eMCtK--X86sw\nnode.id=1\ndirectory.id=AAAAAAAAAAAAAAAAAAACAA\n`;
    file(at('one', 'meta.properties'), other.replace('5L6', '4L6').replace('CAA', 'BAA'));
    file(at('two', 'meta.properties'), other);
    expect(await refusal(['--port', '0', '--set', `log.dirs=${at('one')},${at('two')}`]))
      .to.contain(at('one'))
      .and.contain(at('two'))
      .and.contain('5L6g3nShT-eMCtK--X86sw');
  });

  it('on a config file names the file, the line, and the value', async () => {
    const config = (path: string): Promise<string> => refusal(['--config', path]);
    expect(await config(at('none'))).to.equal(`No such config file: ${at('none')}`);
    expect(await config(directory)).to.equal(
      `The config file ${directory} cannot be read (EISDIR): it is a directory, give the path of a file`,
    );
    const escape = file(at('escape'), 'node.id=1\nlog.dirs=\\u00zz\n');
    expect(await config(escape)).to.contain(`The config file ${escape} cannot be read. Line 2: \\u must be followed`);
    const value = file(at('value'), 'num.partitions=x\n');
    const invalid = 'Invalid value x for configuration num.partitions: Not a number of type INT';
    expect(await config(value)).to.equal(`${invalid} (in ${value})`);
    const listener = file(at('listener'), 'listeners=nonsense\n');
    expect(await config(listener)).to.match(
      /^Invalid value nonsense for configuration listeners: .* \(in .*listener\)$/,
    );
    expect(await refusal(['--config', value, '--set', 'num.partitions=x'])).to.equal(invalid);
    expect(await refusal(['--config', value], { KAFKA_NUM_PARTITIONS: 'y' })).to.contain('(in KAFKA_NUM_PARTITIONS)');
  });

  it('on a value names key, value, and the variable that it comes from', async () => {
    const invalid = 'Invalid value x for configuration num.partitions: Not a number of type INT';
    expect(await refusal(['--memory', '--set', 'num.partitions=x'])).to.equal(invalid);
    expect(await refusal(['--memory'], { KAFKA_NUM_PARTITIONS: 'x' })).to.equal(`${invalid} (in KAFKA_NUM_PARTITIONS)`);
    expect(await refusal(['--memory'], { KAFKA_CFG_NUM_PARTITIONS: 'x' })).to.equal(
      `${invalid} (in KAFKA_CFG_NUM_PARTITIONS)`,
    );
    expect(await refusal(['--memory'], { KAFKA_LISTENERS: 'nope' })).to.match(
      /^Invalid value nope for configuration listeners: write NAME:\/\/host:port .* \(in KAFKA_LISTENERS\)$/,
    );
    const refused: [string[], RegExp][] = [
      [['no.such.key=x'], /^Unknown config no\.such\.key/],
      [['retention.ms=1'], /^Unknown config retention\.ms: .* set on the topic/],
      [['node.id=-5'], /^Invalid value -5 for configuration node\.id: Value must be at least 0$/],
      [['log.segment.bytes=1'], /^Invalid value 1 for configuration log\.segment\.bytes/],
      [
        ['process.roles=broker'],
        /^process\.roles=broker, and nothing says where the controllers are: set controller\.quorum/,
      ],
      [['listeners=PLAINTEXT://:70000'], /^Invalid value PLAINTEXT:\/\/:70000 for configuration listeners/],
      [['listeners=PLAINTEXT://:0,PLAINTEXT://127.0.0.1:0'], /each listener must have a different name/],
      [['listeners=FOO://:0'], /^Listener FOO has no security protocol: add FOO:PLAINTEXT/],
      [['listeners=SSL://:0'], /^Listener SSL: A TLS listener needs a /],
      [['listeners=CONTROLLER://:0', 'controller.listener.names=CONTROLLER'], /has no listener for clients: add one/],
      [['listener.security.protocol.map=nope'], /^Invalid value nope for configuration listener\.security/],
      [['listeners=PLAINTEXT://:0', 'advertised.listeners=FOO://h:1'], /^advertised\.listeners names FOO, .*: add it/],
      [['listeners=PLAINTEXT://:0', 'advertised.listeners=PLAINTEXT://0.0.0.0:1'], /connect to 0\.0\.0\.0: name an/],
      [['advertised.listeners=PLAINTEXT:h:1'], /^Invalid value PLAINTEXT:h:1 for configuration advertised\.listeners/],
    ];
    for (const [settings, text] of refused) {
      const args = settings.flatMap((setting) => ['--set', setting]);
      expect(await refusal(['--memory', ...args]), settings.join()).to.match(text);
    }
  });

  it('on a flag names the flag', async () => {
    const refused: [string[], RegExp][] = [
      [['--port', 'x'], /^--port "x" is not a port/],
      [['--port', '99999'], /^--port "99999" is not a port/],
      [['--host', ''], /^--host needs a value/],
      [['--prot', '1'], /no flag --prot\. Did you mean --port\?/],
      [['--durability', 'none'], /^--durability "none" is none of/],
      [['--set', 'num.partitions'], /^--set "num\.partitions" is not KEY=VALUE/],
      [['x'], /"x" is not a flag/],
    ];
    for (const [args, text] of refused) expect(await refusal(args), args.join(' ')).to.match(text);
  });
});
