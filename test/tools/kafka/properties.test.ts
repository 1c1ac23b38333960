import { expect } from 'chai';
import { parseProperties } from '../../../src/tools/kafka/properties.ts';

const parsed = (text: string): Record<string, string> => Object.fromEntries(parseProperties(text));

describe('A file of properties', () => {
  it('is read as Java reads it', () => {
    const text = [
      '# a comment',
      '  ! another',
      'a=1',
      ' b : two words ',
      'c three',
      'd',
      'e = x \\',
      '    y',
      'f\\=g=h\\tz\\u0041',
      'path=C\\:\\\\dir',
      'a=2',
      '',
    ].join('\n');
    expect(parsed(text)).to.deep.equal({
      a: '2',
      b: 'two words ',
      c: 'three',
      d: '',
      e: 'x y',
      'f=g': 'h\tzA',
      path: 'C:\\dir',
    });
  });

  it('keeps what looks like an escape of its value, as JAAS texts have it', () => {
    const line = 'sasl.jaas.config=org.example.Login required username="a" password="b=c";';
    expect(parsed(line)['sasl.jaas.config']).to.equal('org.example.Login required username="a" password="b=c";');
  });
});
