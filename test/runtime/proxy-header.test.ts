import { expect } from 'chai';
import { readProxyHeader } from '../../src/runtime/proxy-header.ts';

const LINE = 'PROXY TCP4 192.0.2.7 192.0.2.1 40001 9092\r\n';
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const OVER_IPV4 = Buffer.from(`${SIGNATURE}2111000cc0000207c00002019c412384`, 'hex');
const OVER_IPV6 = Buffer.from(
  `${SIGNATURE}21210024${'20010db8000000000000000000000007'}${'20010db8000000000000000000000001'}9c412384`,
  'hex',
);

const read = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'));

describe('The header of the PROXY protocol', () => {
  it('tells the source in version 1', () => {
    const source = { address: '192.0.2.7', port: 40_001 };
    expect(read(`${LINE}abc`)).to.deep.equal({ sizeBytes: LINE.length, source });
    expect(read('PROXY TCP6 2001:db8::7 2001:db8::1 40001 9092\r\n')).to.have.nested.property(
      'source.address',
      '2001:db8::7',
    );
    expect(read('PROXY UNKNOWN\r\n')).to.deep.equal({ sizeBytes: 15, source: undefined });
  });

  it('tells the source in version 2', () => {
    const source = { address: '192.0.2.7', port: 40_001 };
    expect(readProxyHeader(Buffer.concat([OVER_IPV4, Buffer.from('abc')]))).to.deep.equal({ sizeBytes: 28, source });
    expect(readProxyHeader(OVER_IPV6)).to.deep.equal({
      sizeBytes: 52,
      source: { address: '2001:db8:0:0:0:0:0:7', port: 40_001 },
    });
    expect(readProxyHeader(Buffer.from(`${SIGNATURE}20000000`, 'hex'))).to.deep.equal({
      sizeBytes: 16,
      source: undefined,
    });
  });

  it('waits for the rest wherever it is cut', () => {
    for (const whole of [Buffer.from(LINE), OVER_IPV4, OVER_IPV6]) {
      for (let end = 0; end < whole.length; end++) expect(readProxyHeader(whole.subarray(0, end))).to.equal('partial');
    }
  });

  it('refuses what is no header, and what does not end', () => {
    const wrong = [
      'GET / HTTP/1.1\r\n',
      'PROXY TCP4 192.0.2.777 192.0.2.1 40001 9092\r\n',
      'PROXY TCP4 192.0.2.7 192.0.2.1 70001 9092\r\n',
      'PROXY TCP4 192.0.2.7 192.0.2.1 40001\r\n',
      'PROXY TCP6 192.0.2.7 192.0.2.1 40001 9092\r\n',
      `PROXY TCP4 ${'1'.repeat(200)}`,
    ];
    for (const text of wrong) expect(read(text), text).to.equal('bad');
    for (const tail of ['2111ffff', '2211000c', '31110004']) {
      expect(readProxyHeader(Buffer.from(SIGNATURE + tail, 'hex')), tail).to.equal('bad');
    }
    expect(readProxyHeader(Buffer.from(`${SIGNATURE}21110004c0000207`, 'hex'))).to.equal('bad');
  });
});
