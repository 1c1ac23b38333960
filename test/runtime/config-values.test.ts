// What Kafka 4.3.1's ConfigDef makes of these texts, taken from its own classes.
import { expect } from 'chai';
import {
  config,
  ConfigError,
  formatValue,
  LONG_MAX_TEXT,
  normalText,
  parseConfigs,
  parseValue,
} from '../../src/runtime/index.ts';

const int = config.int('k', 0);
const long = config.long('k', 0);
const short = config.short('k', 0);
const double = config.double('k', 0);
const boolean = config.boolean('k', false);
const list = config.list('k', []);

function printed(key: config.ConfigKey, text: string): string | null {
  return formatValue(key, parseValue(key, text));
}

function refusal(key: config.ConfigKey, text: string): string {
  try {
    parseValue(key, text);
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error(`${text} was taken`);
}

describe('Config values', () => {
  it('reads whole numbers as Java does', () => {
    for (const key of [int, long, short]) {
      expect(printed(key, ' 2 ')).to.equal('2');
      expect(printed(key, '+3')).to.equal('3');
      expect(printed(key, '-4')).to.equal('-4');
      expect(printed(key, '007')).to.equal('7');
      for (const text of ['abc', '', '1.5', '0x10', '1_000', '9223372036854775808']) {
        expect(refusal(key, text)).to.equal(
          `Invalid value ${text} for configuration k: Not a number of type ${key.type.toUpperCase()}`,
        );
      }
    }
    expect(refusal(int, '2147483648')).to.contain('Not a number of type INT');
    expect(refusal(short, '32768')).to.contain('Not a number of type SHORT');
    expect(printed(int, '-2147483648')).to.equal('-2147483648');
  });

  it('holds the largest long as the largest safe integer and prints it as Kafka does', () => {
    expect(parseValue(long, LONG_MAX_TEXT)).to.equal(Number.MAX_SAFE_INTEGER);
    expect(printed(long, LONG_MAX_TEXT)).to.equal(LONG_MAX_TEXT);
    expect(printed(long, '-9223372036854775808')).to.equal('-9223372036854775808');
  });

  it('holds a long that is compared beyond 2^53 exactly, and prints every long as it was given', () => {
    const exact = config.exactLong('k', 0).atLeast(-1);
    expect(parseValue(exact, '9007199254740993')).to.equal(9007199254740993n);
    expect(parseValue(exact, '9007199254740991')).to.equal(9007199254740991);
    expect(printed(exact, '9007199254740991')).to.equal('9007199254740991');
    for (const text of ['9007199254740993', LONG_MAX_TEXT, '1795000000000000001']) {
      expect(printed(exact, text)).to.equal(text);
      expect(normalText(exact, `+${text}`)).to.equal(text);
      expect(normalText(long, ` ${text} `)).to.equal(text);
    }
    const bounded = long.atLeast(-1);
    expect(() => normalText(bounded, '-9007199254740995')).to.throw('Invalid value -9007199254740995 for');
  });

  it('reads and prints doubles as Java does', () => {
    const pairs: Record<string, string> = {
      '2': '2.0',
      '-0': '-0.0',
      '0': '0.0',
      '1e3': '1000.0',
      NaN: 'NaN',
      Infinity: 'Infinity',
      '-Infinity': '-Infinity',
      '1d': '1.0',
      '.5': '0.5',
      '5.': '5.0',
      '1e7': '1.0E7',
      '1e-4': '1.0E-4',
      '0.001': '0.001',
      '1e400': 'Infinity',
      '123456789.125': '1.23456789125E8',
      '1E10': '1.0E10',
      '2147483648': '2.147483648E9',
    }; // prettier-ignore
    for (const [text, expected] of Object.entries(pairs)) expect(printed(double, text), text).to.equal(expected);
    expect(refusal(double, 'infinity')).to.equal(
      'Invalid value infinity for configuration k: Not a number of type DOUBLE',
    );
  });

  it('reads booleans in any case and nothing else', () => {
    expect(parseValue(boolean, 'TRUE')).to.equal(true);
    expect(parseValue(boolean, ' false ')).to.equal(false);
    expect(refusal(boolean, 'yes')).to.equal(
      'Invalid value yes for configuration k: Expected value to be either true or false',
    );
  });

  it('splits lists at commas, drops what stands twice, and refuses empty values', () => {
    expect(parseValue(list, ' a , b ')).to.deep.equal(['a', 'b']);
    expect(parseValue(list, 'a,a')).to.deep.equal(['a']);
    expect(parseValue(list, ' ')).to.deep.equal([]);
    for (const text of ['a,,b', ',', 'a,']) {
      expect(refusal(list, text)).to.equal("Configuration 'k' values must not be empty.");
    }
    expect(refusal(list.nonEmpty(), '')).to.equal(
      "Configuration 'k' must not be empty. Valid values include: any non-empty value",
    );
    expect(refusal(list.oneOf('a', 'b').nonEmpty(), '')).to.equal(
      "Configuration 'k' must not be empty. Valid values include: [a, b]",
    );
    expect(refusal(list.oneOf('compact', 'delete'), 'delete,shred')).to.equal(
      'Invalid value shred for configuration k: String must be one of: compact, delete',
    );
  });

  it('names the bound that a number breaks', () => {
    expect(refusal(int.atLeast(1048576), '100')).to.equal(
      'Invalid value 100 for configuration k: Value must be at least 1048576',
    );
    expect(refusal(long.atLeast(5), '004')).to.equal('Invalid value 4 for configuration k: Value must be at least 5');
    expect(refusal(double.between(0, 1), '2')).to.equal(
      'Invalid value 2.0 for configuration k: Value must be no more than 1',
    );
  });

  it('refuses what a key declares wrong in its own words', () => {
    const level = int.refusing((value) => (value === 0 ? 'Value must be between 1 and 9 or equal to -1' : undefined));
    expect(refusal(level, '0')).to.equal(
      'Invalid value 0 for configuration k: Value must be between 1 and 9 or equal to -1',
    );
    expect(refusal(config.string('k', 'x').nonEmpty(), ' ')).to.equal(
      'Invalid value  for configuration k: String must be non-empty',
    );
    expect(refusal(config.string('k', 'x').oneOf('x', 'y'), 'z')).to.equal(
      'Invalid value z for configuration k: String must be one of: x, y',
    );
  });

  it('reads what a room declares and leaves the rest alone', () => {
    const declared = {
      retentionMs: config.long('log.retention.ms', 7).atLeast(-1),
      rack: config.optionalString('rack'),
    };
    const values = parseConfigs(
      declared,
      new Map([
        ['log.retention.ms', '-1'],
        ['other', 'x'],
      ]),
    ); // prettier-ignore
    expect(values).to.deep.equal({ retentionMs: -1, rack: null });
  });
});
