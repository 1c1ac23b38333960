import { expect } from 'chai';
import fc from 'fast-check';
import { configsFromEnvironment, formatProperty, parseProperties } from '../../src/runtime/index.ts';

describe('Properties files', () => {
  it('takes every form that java.util.Properties takes', () => {
    const text = [
      '# a comment',
      '  ! another',
      '',
      'log.dirs=/data/a,/data/b',
      'spaced   =  value with trailing space ',
      'colon:1',
      'bare value',
      'continued = one, \\',
      '    two, \\',
      '# not a comment here',
      'escaped\\ key\\=x = tab\\tnew\\nline \\u00e4\\\\',
      'even\\\\',
      'last=1',
      'last=2',
      'empty=',
      'alone',
      'ends=here\\',
    ].join('\r\n');
    expect([...parseProperties(text)]).to.deep.equal([
      ['log.dirs', '/data/a,/data/b'],
      ['spaced', 'value with trailing space '],
      ['colon', '1'],
      ['bare', 'value'],
      ['continued', 'one, two, # not a comment here'],
      ['escaped key=x', 'tab\tnew\nline ä\\'],
      ['even\\', ''],
      ['last', '2'],
      ['empty', ''],
      ['alone', ''],
      ['ends', 'here'],
    ]);
  });

  it('reads bytes as Latin-1, as Kafka does', () => {
    expect(parseProperties(Uint8Array.from([0x61, 0x3d, 0xe4])).get('a')).to.equal('ä');
  });

  it('names the line of a broken escape', () => {
    expect(() => parseProperties('a=1\nb=\\u12')).to.throw('Line 2');
  });

  it('reads back what it writes', () => {
    const word = fc.string({ unit: 'binary-ascii' }).filter((text) => text !== '');
    fc.assert(
      fc.property(word, fc.string({ unit: 'binary' }), (key, value) => {
        expect([...parseProperties(formatProperty(key, value))]).to.deep.equal([[key, value]]);
      }),
    );
  });
});

describe('Configs from the environment', () => {
  const known = new Set(['log.dirs', 'node.id', 'with_under', 'with-dash.x']);
  const isKnown = (key: string): boolean => known.has(key);

  it('maps variables to keys and leaves out those that name none', () => {
    const environment = {
      KAFKA_LOG_DIRS: '/data',
      KAFKA_WITH__UNDER: '1',
      KAFKA_WITH___DASH_X: '2',
      KAFKA_HEAP_OPTS: '-Xmx1G',
      KAFKA_LOG____DIRS: 'x',
      LOG_DIRS: 'x',
      KAFKA_NODE_ID: undefined,
    };
    expect([...configsFromEnvironment(environment, isKnown)]).to.deep.equal([
      ['log.dirs', '/data'],
      ['with_under', '1'],
      ['with-dash.x', '2'],
    ]);
  });

  it('takes the dialect with CFG too, and lets the plain one win', () => {
    const environment = { KAFKA_NODE_ID: '1', KAFKA_CFG_NODE_ID: '2', KAFKA_CFG_LOG_DIRS: '/b' };
    expect(Object.fromEntries(configsFromEnvironment(environment, isKnown))).to.deep.equal({
      'node.id': '1',
      'log.dirs': '/b',
    });
  });
});
