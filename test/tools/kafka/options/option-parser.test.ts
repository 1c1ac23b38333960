import { expect } from 'chai';
import { CommandOptions } from '../../../../src/tools/kafka/options/command-options.ts';
import { DOUBLE, flag, INTEGER, LONG, type Option, valued } from '../../../../src/tools/kafka/options/option.ts';
import { type ParsedOptions, parseOptions } from '../../../../src/tools/kafka/options/option-parser.ts';
import { Exit } from '../../../../src/tools/kafka/exit.ts';
import { memoryIo } from '../../memory-io.ts';

const TOPIC = valued('topic', 'The topic.', { name: 'topic' });
const PARTITIONS = valued('partitions', 'How many.', { name: '# of partitions', type: INTEGER });
const LIST = flag('list', 'List.');
const COUNT = valued(['c', 'count'], 'Messages.', { type: LONG, defaults: [7] });
const TIME = valued('time', 'When.', { isOptional: true, defaults: ['latest'] });
const NAMES = valued('names', 'Several.', { separator: ',' });
const VERBOSE = flag(['v', 'verbose'], 'Tell more.');
const ALL: readonly Option[] = [TOPIC, PARTITIONS, LIST, COUNT, TIME, NAMES, VERBOSE];

const parse = (...args: string[]): ParsedOptions => parseOptions(ALL, args);
const mistake = (...args: string[]): string => {
  try {
    const parsed = parse(...args);
    for (const option of ALL) parsed.valueOf(option);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return '';
};

describe('Options of kafka-* tools', () => {
  it('are read as joptsimple reads them', () => {
    const parsed = parse('--topic', 'a', '--partitions=3', '-c5', '-v', 'other', '--names=a,,b', '--', '--list');
    expect(parsed.valueOf(TOPIC)).to.equal('a');
    expect(parsed.valueOf(PARTITIONS)).to.equal(3);
    expect(parsed.valueOf(COUNT)).to.equal(5);
    expect(parsed.has(VERBOSE)).to.equal(true);
    expect(parsed.has(LIST)).to.equal(false);
    expect(parsed.valuesOf(NAMES)).to.deep.equal(['a', 'b']);
    expect(parsed.others).to.deep.equal(['other', '--list']);
    expect(parse().valueOf(COUNT)).to.equal(7);
    expect(parse('-vc', '8').valueOf(COUNT)).to.equal(8);
    expect(parse('-vc8').valueOf(COUNT)).to.equal(8);
    expect(parse('-c=8').valueOf(COUNT)).to.equal(8);
    expect(parse('--topic', '--list').valueOf(TOPIC)).to.equal('--list');
    expect(parse('--topic=').valueOf(TOPIC)).to.equal('');
    expect(parse('-').others).to.deep.equal(['-']);
  });

  it('take an optional argument only where none of the options follows', () => {
    expect(parse('--time', '5').valueOf(TIME)).to.equal('5');
    const parsed = parse('--time', '--list');
    expect([parsed.has(TIME), parsed.valueOf(TIME), parsed.has(LIST)]).to.deep.equal([true, 'latest', true]);
  });

  it('are refused in the words of joptsimple', () => {
    const jopt = (kind: string, message: string): string => `joptsimple.${kind}Exception: ${message}`;
    expect(mistake('--lost')).to.equal(jopt('UnrecognizedOption', 'lost is not a recognized option'));
    expect(mistake('--lis')).to.equal(jopt('UnrecognizedOption', 'lis is not a recognized option'));
    expect(mistake('-vx')).to.equal(jopt('UnrecognizedOption', 'x is not a recognized option'));
    expect(mistake('--topic')).to.equal(jopt('OptionMissingRequiredArgument', 'Option topic requires an argument'));
    expect(mistake('-c')).to.equal(jopt('OptionMissingRequiredArgument', 'Option c/count requires an argument'));
    expect(mistake('--partitions', 'x')).to.equal(
      jopt('OptionArgumentConversion', "Cannot parse argument 'x' of option partitions"),
    );
    expect(mistake('--partitions', '2147483648')).to.contain('Cannot parse argument');
    expect(mistake('--topic', 'a', '--topic', 'b')).to.equal(
      jopt('MultipleArgumentsForOption', 'Found multiple arguments for option topic, but you asked for only one'),
    );
  });

  it('may be shortened where a tool allows it and only one begins so', () => {
    const short = (...args: string[]): ParsedOptions => parseOptions(ALL, args, { allowsAbbreviations: true });
    expect(short('--lis').has(LIST)).to.equal(true);
    expect(() => short('--t', 'a')).to.throw('t is not a recognized option');
  });

  it('that are required are asked for, unless help is', () => {
    const needed = valued('needed', '', { isRequired: true });
    const help: Option = { ...flag('help', ''), isForHelp: true };
    expect(() => parseOptions([needed, help], [])).to.throw('Missing required option(s) [needed]');
    expect(parseOptions([needed, help], ['--help']).has(help)).to.equal(true);
  });

  it('convert numbers as Java does', () => {
    expect(['1', '+1', '-1', '1.5', '', ' 1'].map((text) => INTEGER.convert(text))).to.deep.equal([
      1,
      1,
      -1,
      undefined,
      undefined,
      undefined,
    ]);
    expect(LONG.convert('9223372036854775807')).to.equal(2 ** 63);
    expect(LONG.convert('9223372036854775808')).to.equal(undefined);
    expect(['1', '1.', '.5', '1e3', 'x'].map((text) => DOUBLE.convert(text))).to.deep.equal([
      1,
      1,
      0.5,
      1000,
      undefined,
    ]);
  });
});

describe('The common part of kafka-* tools', () => {
  const options = { topic: TOPIC, list: LIST, count: COUNT };
  const run = (
    args: readonly string[],
    check: (options: CommandOptions) => void,
  ): { code: number; err: string; out: string } => {
    const io = memoryIo();
    let code = 0;
    try {
      check(new CommandOptions(io, args, options, { tellsMistakes: true }));
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      code = error.code;
    }
    return { code, err: io.err().split('\n')[0] as string, out: io.out() };
  };

  it('prints help with 1 and the version with 0', () => {
    const check = (parsed: CommandOptions): void => parsed.maybePrintHelpOrVersion('This helps.');
    expect(run([], check)).to.deep.equal({ code: 1, err: 'This helps.', out: '' });
    expect(run(['--help'], check)).to.deep.equal({ code: 1, err: 'This helps.', out: '' });
    expect(run(['--version'], check)).to.deep.equal({ code: 0, err: '', out: '4.3.1\n' });
  });

  it('says what is missing and what excludes each other', () => {
    const message = (args: string[], check: (options: CommandOptions) => void): string => run(args, check).err;
    expect(message(['--list'], (parsed) => parsed.checkRequired(LIST, TOPIC))).to.equal(
      'Missing required argument "[topic]"',
    );
    expect(message(['--list', '-c', '1'], (parsed) => parsed.checkInvalid(LIST, TOPIC, COUNT))).to.equal(
      'Option "[list]" can\'t be used with option "[c, count]"',
    );
    expect(
      message(['--list', '-c', '1', '--topic', 't'], (parsed) => parsed.checkInvalidSet([LIST, COUNT], [TOPIC], ' so')),
    ).to.equal('Option combination "[[list], [c, count]]" can\'t be used with option "[topic]" so');
    expect(message([], (parsed) => parsed.checkOneOf(LIST, TOPIC))).to.equal(
      'Exactly one of the following arguments is required: [list], [topic]',
    );
    expect(message(['--wrong'], () => undefined)).to.equal('wrong is not a recognized option');
  });
});
