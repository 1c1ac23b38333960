import { expect } from 'chai';
import { Exit } from '../../../../src/tools/kafka/exit.ts';
import { type ArgparseValues, parseOrExit } from '../../../../src/tools/kafka/options/argparse.ts';
import type { ArgparseParser } from '../../../../src/tools/kafka/options/argparse-arguments.ts';
import { linePieces } from '../../../../src/tools/kafka/options/line-breaks.ts';
import { INTEGER } from '../../../../src/tools/kafka/options/option.ts';
import { memoryIo } from '../../memory-io.ts';

const PARSER: ArgparseParser = {
  name: 'tool',
  tellsDefaults: true,
  groups: [
    {
      isRequired: true,
      arguments: [
        { names: ['--server', '-s'], help: '' },
        { names: ['--controller'], help: '' },
      ],
    },
  ],
  commands: {
    dest: 'command',
    parsers: [
      {
        name: 'count',
        arguments: [
          { names: ['--number', '-n'], kind: INTEGER, default: 3, help: 'How many.' },
          { names: ['--all', '-a'], action: 'true', help: 'All.' },
          { names: ['--tags'], count: '+', help: 'Tags.' },
          { names: ['--mode'], choices: ['fast', 'slow'], help: 'Mode.' },
          { names: ['name'], count: '?', help: 'Name.' },
        ],
      },
      { name: 'list', help: 'Lists.' },
    ],
  },
};

interface Run {
  readonly values?: ArgparseValues;
  readonly code?: number;
  readonly err: string;
}

function run(...args: string[]): Run {
  const io = memoryIo();
  try {
    return { values: parseOrExit(io, PARSER, args), err: io.err() };
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { code: error.code, err: io.err().split('\n').slice(-2, -1).join('') };
  }
}

describe('Arguments of kafka-* tools that use argparse4j', () => {
  it('are read with their commands', () => {
    const { values } = run('-s', 'a:1', 'count', '-an', '7', '--tags', 'x', 'y', '--mode=slow');
    expect(Object.fromEntries(values ?? [])).to.deep.equal({
      server: 'a:1',
      controller: undefined,
      command: 'count',
      number: 7,
      all: true,
      tags: ['x', 'y'],
      mode: 'slow',
      name: undefined,
    });
    expect(run('--serv', 'a:1', 'cou', 'me').values?.get('name')).to.equal('me');
    expect(run('--serv', 'a:1', 'cou').values?.get('number')).to.equal(3);
  });

  it('are refused in the words of argparse4j', () => {
    const err = (...args: string[]): string => run(...args).err.replace('tool: error: ', '');
    expect(err('count')).to.equal('one of the arguments --server/-s --controller is required');
    expect(err('-s', 'a', '--controller', 'b', 'list')).to.contain('argument --controller: not allowed with argument');
    expect(err('-s', 'a')).to.equal('too few arguments');
    expect(err('-s', 'a', 'count', '--number')).to.equal('argument --number/-n: expected one argument');
    expect(err('-s', 'a', 'count', '--mode', 'odd')).to.match(/slow\}\)$/);
    expect(err('-s', 'a', 'count', '--all=1')).to.contain("ignore implicit argument '1'");
    expect(run('-s', 'a', 'lost').code).to.equal(1);
    expect(run('--help').code).to.equal(1);
  });
});

describe('Line breaks of the JDK', () => {
  it('keep what sticks together', () => {
    const pieces = (text: string): string => linePieces(text).join('|');
    expect(pieces('use --topic now')).to.equal('use |--|topic |now');
    expect(pieces('a.b 3.5 -7> f()')).to.equal('a.|b |3.5 |-7|> |f()');
    expect(pieces("don't (really)\n$5")).to.equal("don't |(really)\n|$5");
    expect(pieces('')).to.equal('');
  });
});
