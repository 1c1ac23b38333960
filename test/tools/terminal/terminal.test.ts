import { expect } from 'chai';
import { parseDurationMs, shownBytes, shownDuration } from '../../../src/tools/terminal/duration.ts';
import { shownText } from '../../../src/tools/terminal/shown-text.ts';
import { facts, table } from '../../../src/tools/terminal/table.ts';
import { yamlText } from '../../../src/tools/terminal/yaml-text.ts';

describe('Tables', () => {
  it('stand in columns, with nothing behind the last one', () => {
    expect(
      table(
        ['id', 'name'],
        [
          [1, 'a'],
          [22, 'a longer name'],
          [3, null],
        ],
      ),
    ).to.equal('ID    NAME\n1     a\n22    a longer name\n3     -\n');
    expect(
      facts([
        ['one', 1],
        ['the other', undefined],
      ]),
    ).to.equal('ONE        1\nTHE OTHER  -\n');
  });

  it('become blocks on a terminal that is too narrow', () => {
    const rows = [
      ['a-topic-with-a-long-name', 12],
      ['b', 3],
    ];
    expect(table(['topic', 'partitions'], rows, { columns: 30 })).to.equal(
      'TOPIC       a-topic-with-a-long-name\nPARTITIONS  12\n\nTOPIC       b\nPARTITIONS  3\n',
    );
    expect(table(['topic', 'partitions'], rows, { columns: 80 })).to.match(/^TOPIC +PARTITIONS\n/);
  });

  it('count the width of wide characters and marks', () => {
    expect(
      table(
        ['a', 'b'],
        [
          ['日本語日', 1],
          ['e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301', 2],
        ],
      ),
    ).to.equal('A         B\n日本語日  1\ne\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301   2\n');
  });

  it('send no control characters to the terminal', () => {
    expect(shownText('a\u001b[2Jb\nc\t\u202ed\u0085')).to.equal('a\\x1b[2Jb\\nc\\t\\u202ed\\x85');
    expect(table(['name'], [['\u001b]0;x\u0007']])).to.equal('NAME\n\\x1b]0;x\\x07\n');
  });
});

describe('YAML', () => {
  it('is read back as what it was', () => {
    const value = [
      { name: 'a', list: [1, [2, { x: true }]], none: null, empty: {}, nothing: [], text: 'yes', colon: 'a: b' },
    ];
    expect(yamlText(value)).to.equal(
      [
        '- name: a',
        '  list:',
        '  - 1',
        '  - - 2',
        '    - x: true',
        '  none: null',
        '  empty: {}',
        '  nothing: []',
        '  text: "yes"',
        '  colon: "a: b"',
        '',
      ].join('\n'),
    );
  });
});

describe('Durations and sizes', () => {
  it('are read as Go reads them', () => {
    expect(['1h30m', '-5m', '250ms', '1.5s', '2d', '0', '1hr'].map(parseDurationMs)).to.deep.equal([
      5_400_000, -300_000, 250, 1500, 172_800_000, 0, 3_600_000,
    ]);
    expect(['', '5', 'm', '1x', '1h 2m', '--1s'].map(parseDurationMs)).to.deep.equal(Array(6).fill(undefined));
  });

  it('are shown short', () => {
    expect([12, 12_300, 245_000, 11_220_000, 187_200_000].map(shownDuration)).to.deep.equal([
      '12ms',
      '12.3s',
      '4m05s',
      '3h07m',
      '2d04h',
    ]);
    expect([0, 999, 1234, 12_345, 123_456_789].map(shownBytes)).to.deep.equal([
      '0B',
      '999B',
      '1.23kB',
      '12.3kB',
      '123MB',
    ]);
  });
});
