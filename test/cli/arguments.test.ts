import { expect } from 'chai';
import { type Command, commands, parseCommandLine, type StartFlags, unknownCommand } from '../../src/cli/arguments.ts';

function flagsOf(...args: string[]): StartFlags {
  const command = parseCommandLine(['start', ...args]);
  if (command.kind !== 'start') throw new Error(JSON.stringify(command));
  return command.flags;
}

function mistakeOf(...args: string[]): string {
  const command: Command = parseCommandLine(args);
  expect(command.kind, args.join(' ')).to.equal('mistake');
  const message = command.kind === 'mistake' ? command.message : '';
  expect(message).to.not.match(/\n/);
  return message;
}

describe('The command line', () => {
  it('takes every flag of start', () => {
    const flags = flagsOf(
      '--host',
      '0.0.0.0',
      '--port=0',
      '--data',
      'd',
      '--durability',
      'fsync',
      '--config',
      'server.properties',
      '--set',
      'num.partitions=3',
      '--set',
      'a=b=c',
      '--set',
      'num.partitions=4',
      '--json',
      '--quiet',
    ); // prettier-ignore
    expect({ ...flags, set: Object.fromEntries(flags.set) }).to.deep.equal({
      host: '0.0.0.0',
      port: 0,
      data: 'd',
      durability: 'fsync',
      config: 'server.properties',
      set: { 'num.partitions': '4', a: 'b=c' },
      json: true,
      quiet: true,
    });
    expect(Object.keys(flagsOf())).to.deep.equal(['set', 'json', 'quiet']);
    expect(flagsOf('--metrics-port', '0', '--log-format', 'json')).to.include({ metricsPort: 0, logFormat: 'json' });
    expect(flagsOf('--registry')).to.include({ registryPort: 8081 });
    expect(flagsOf('--registry-port', '0', '--registry-config', 'f')).to.include({
      registryPort: 0,
      registryConfig: 'f',
    });
    expect(mistakeOf('start', '--registry-port', 'x')).to.contain('--registry-port "x" is not a port');
    expect(flagsOf('--registry', '--nodes', '3')).to.include({ registryPort: 8081, nodes: 3 });
    expect(mistakeOf('start', '--log-format', 'jason')).to.contain('Did you mean json?');
    expect(mistakeOf('start', '--metrics-port', 'x')).to.contain('--metrics-port "x" is not a port');
    expect(flagsOf('--memory').durability).to.equal('memory');
    expect(flagsOf('--memory', '--durability', 'memory').durability).to.equal('memory');
  });

  it('knows help and version in their usual forms', () => {
    expect(parseCommandLine([])).to.deep.equal({ kind: 'help', topic: 'all' });
    expect(parseCommandLine(['--help'])).to.deep.equal({ kind: 'help', topic: 'all' });
    expect(parseCommandLine(['help', 'start'])).to.deep.equal({ kind: 'help', topic: 'start' });
    expect(parseCommandLine(['start', '-h'])).to.deep.equal({ kind: 'help', topic: 'start' });
    expect(parseCommandLine(['--version'])).to.deep.equal({ kind: 'version' });
  });

  it('leaves what it does not know itself to the extras', () => {
    expect(parseCommandLine(['kafka-topics', '--list'])).to.deep.equal({
      kind: 'extra',
      name: 'kafka-topics',
      args: ['--list'],
    });
  });

  it('says in one line what is wrong and what would be right', () => {
    expect(unknownCommand('strat', commands).message).to.equal(
      'there is no command "strat". Did you mean start? Try ottla --help.',
    );
    expect(mistakeOf('--port', '1')).to.contain('`ottla start --port`');
    expect(mistakeOf('start', '--prot', '1')).to.equal(
      'there is no flag --prot. Did you mean --port? Try ottla start --help.',
    );
    expect(mistakeOf('start', 'now')).to.equal('"now" is not a flag. Try ottla start --help.');
    expect(mistakeOf('start', '--port')).to.equal('--port needs a value, as in --port 9092.');
    expect(mistakeOf('start', '--data', '--json')).to.equal('--data needs a value, as in --data ./kafka-data.');
    for (const nodes of ['0', '101', 'x', '2.5']) {
      expect(mistakeOf('start', `--nodes=${nodes}`)).to.contain('is not a number of nodes');
    }
    expect(mistakeOf('start', '--nodes', '3', '--config', 'x')).to.contain('--nodes and --config exclude each other');
    expect(parseCommandLine(['start', '--nodes', '3'])).to.deep.nested.include({ 'flags.nodes': 3 });
    expect(parseCommandLine(['start', '--nodes', '3', '--threads'])).to.deep.nested.include({ 'flags.threads': true });
    expect(mistakeOf('start', '--threads')).to.contain('--nodes 2 --threads');
    expect(mistakeOf('start', '--data=')).to.equal('--data needs a value, as in --data ./kafka-data.');
    expect(mistakeOf('start', '--json=yes')).to.equal('--json takes no value.');
    for (const port of ['65536', '-1', 'abc', '1.5', '']) {
      expect(mistakeOf('start', `--port=${port}`)).to.contain('is not a port');
    }
    expect(mistakeOf('start', '--durability', 'fsink')).to.equal(
      '--durability "fsink" is none of memory, page-cache, fsync. Did you mean fsync?',
    );
    expect(mistakeOf('start', '--memory', '--durability', 'fsync')).to.contain('exclude each other');
    expect(mistakeOf('start', '--memory', '--data', 'd')).to.contain('--memory keeps nothing');
    expect(mistakeOf('start', '--durability', 'memory', '--data', 'd')).to.contain('--durability memory keeps nothing');
    expect(mistakeOf('start', '--set', 'num.partitions')).to.contain('is not KEY=VALUE');
    expect(mistakeOf('wire-dump')).to.contain('hexadecimal');
  });
});
