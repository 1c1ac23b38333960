import { expect } from 'chai';
import fc from 'fast-check';
import type { ToolRecord } from '../../../src/tools/tool-record.ts';
import { FormatMistake } from '../../../src/tools/own/records/record-format.ts';
import { recordJson } from '../../../src/tools/own/records/record-json.ts';
import { recordPrinter } from '../../../src/tools/own/records/record-printer.ts';
import { InputMistake, type ReadRecord, recordReader } from '../../../src/tools/own/records/record-reader.ts';

const RECORD: ToolRecord = {
  topic: 'foo',
  partition: 3,
  offset: 258,
  leaderEpoch: 7,
  timestamp: Date.UTC(2026, 10, 29, 15, 4, 5, 678),
  timestampType: 'CreateTime',
  key: Buffer.from('key'),
  value: Buffer.from([0, 0, 1, 2, 0x68, 0x69]),
  headers: [
    { key: 'a', value: Buffer.from('1') },
    { key: 'b', value: null },
  ],
};

const printed = (format: string, record = RECORD): string => recordPrinter(format).print(record).toString('latin1');

describe('Record formats of consume', () => {
  for (const [format, text] of [
    ['%t %p %o %e %k\\n', 'foo 3 258 7 key\n'],
    ['%T %K %V %H', '3 3 6 2'],
    ['%v{hex}|%k{base64}|%t{base64raw}', '000001026869|a2V5|Zm9v'],
    ['%v{unpack[>Is$]}', '258hi'],
    ['%v{unpack[<h]}', '0'],
    ['%v{unpack[qq]}', '(value truncated, expected 8 bytes to unpack q but only 6 bytes remaining)'],
    ['%o{hex64}%o{hex8}%o{hex4}', '0000000000000102022'],
    ['%o{big16}%o{little16}%o{byte}', '\x01\x02\x02\x01\x02'],
    ['%o{bool}%i', 'true1'],
    ['%%%{%}\\t\\x41', '%{}\tA'],
    ['%h{[%k=%v]}', '[a=1][b=]'],
    ['%h{%k{hex}:%V }', '61:1 62:0 '],
    ['%d', String(RECORD.timestamp)],
    ['%d{strftime[%F %T.%f %j %a %p]}', '2026-11-29 15:04:05.678000 333 Sun PM'],
    ['%d{strftime### [%H] ###}', ' [15] '],
    ['%d{go[2006-01-02T15:04:05.000Z07:00]}', '2026-11-29T15:04:05.678Z'],
    ['%d{go[Mon Jan _2 3:04PM .999]}', 'Sun Nov 29 3:04PM .678'],
    ['%a{timestamp-type}', '0'],
    ['%x %y %a{compression} %a{compression;number}', '-1 -1 none 0'],
  ] as const) {
    it(`prints ${format}`, () => expect(printed(format)).to.equal(text));
  }

  it('prints what the batch says, and says when it needs to be told', () => {
    const batch = { codec: 4, isTransactional: true, producerId: 2n ** 60n, producerEpoch: 7 };
    const printer = recordPrinter('%x %y{hex16} %a{compression} %a{compression;big8} %a{transactional-bit;bool}');
    expect(printer.needsBatches).to.equal(true);
    expect(printer.print({ ...RECORD, batch }).toString()).to.equal('1152921504606846976 0007 zstd \x04 true');
    expect(recordPrinter('%v %a{timestamp-type}').needsBatches).to.equal(false);
  });

  it('counts what it prints, and prints bounds where it is told them', () => {
    const printer = recordPrinter('%i:%[:%|:%] ');
    expect(printer.needsBounds).to.equal(true);
    const bounds = { logStartOffset: 1, lastStableOffset: 2, highWatermark: 3 };
    expect([1, 2].map(() => printer.print(RECORD, bounds).toString()).join('')).to.equal('1:1:2:3 2:1:2:3 ');
  });

  for (const format of [
    '%',
    '%z',
    '%v{nope}',
    '%p{nope}',
    '%h',
    '%h{%t}',
    '%v{hex',
    '\\q',
    '%a',
    '%a{color}',
    '%x{nope}',
    '%v{unpack[y]}',
  ]) {
    it(`refuses ${format}`, () => expect(() => recordPrinter(format)).to.throw(FormatMistake));
  }

  it('prints JSON as rpk does, and bytes that are no text in base64', () => {
    expect(recordJson(RECORD, { isPretty: false, isMetaOnly: true })).to.equal(
      '{"topic":"foo","key":"key","value_size":6,"headers":[{"key":"a","value":"1"},{"key":"b"}],"timestamp":1795964645678,"partition":3,"offset":258}',
    );
    const binary = { ...RECORD, value: Buffer.from([0xff, 0xfe]), headers: [] };
    expect(JSON.parse(recordJson(binary, { isPretty: true, isMetaOnly: false }))).to.include({ value_base64: '//4=' });
  });
});

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array, void> {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(format: string, text: string, size = 3): Promise<string[]> {
  const shown: string[] = [];
  for await (const one of recordReader(format, 1_000_000)(inPieces(text, size))) shown.push(textOf(one));
  return shown;
}

function textOf({ topic, key, value, partition, headers }: ReadRecord): string {
  const tags = headers.map((header) => `${header.key}=${header.value.toString()}`).join(',');
  return [topic, key?.toString(), value?.toString(), partition, tags].map((one) => one ?? '').join('|');
}

describe('Record formats of produce', () => {
  for (const [format, input, records] of [
    ['%v\\n', 'a\nb\n', ['||a||', '||b||']],
    ['%v\\n', 'a\nlast', ['||a||', '||last||']],
    ['%k %v\\n', 'k1 v1\nk2 v 2\n', ['|k1|v1||', '|k2|v 2||']],
    ['%t:%k:%v;', 't:k:v;u:l:w;', ['t|k|v||', 'u|l|w||']],
    ['%K{big16}%k%V{byte}%v', '\x00\x02ab\x03xyz', ['|ab|xyz||']],
    ['%V%v', '', []],
    ['%V %v\\n', '3 abc\n1 x\n', ['||abc||', '||x||']],
    ['%v{hex}\\n', '6869\n', ['||hi||']],
    ['%k{base64},%v{json}\\n', 'aGk=,{ "a" : 1 }\n', ['|hi|{"a":1}||']],
    ['%p %v\\n', '2 x\n', ['||x|2|']],
    ['%H{3}%h{ %k=%v }%v\\n', ' a=1  b=2  c=3 end\n', ['||end||a=1,b=2,c=3']],
    ['%T{3}%t%v\\n', 'abcvalue\n', ['abc||value||']],
  ] as const) {
    it(`reads ${format}`, async () => {
      for (const size of [1, 2, 1000]) expect(await read(format, input, size)).to.deep.equal(records);
    });
  }

  for (const [format, input] of [
    ['%k,%v\\n', 'no comma\n'],
    ['%V{big32}%v', '\x00\x00\x00\x09abc'],
    ['%v{hex}\\n', 'xx\n'],
    ['%v{json}\\n', '{\n'],
    ['%V %v\\n', 'x abc\n'],
  ] as const) {
    it(`says that ${JSON.stringify(input)} is not ${format}`, async () => {
      const error = await read(format, input).catch((one: unknown) => one);
      expect(error).to.be.instanceOf(InputMistake);
    });
  }

  for (const format of ['', '%v%k', '%h{%k}', '%H%h', '%o\\n']) {
    it(`refuses ${JSON.stringify(format)}`, () => expect(() => recordReader(format, 10)).to.throw(FormatMistake));
  }

  it('reads again what was printed with sizes, whatever it is', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((one) => Buffer.from(one));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(bytes, bytes), { minLength: 1, maxLength: 5 }), async (pairs) => {
        const printer = recordPrinter('%K{big32}%k%V{little32}%v');
        const text = Buffer.concat(pairs.map(([key, value]) => printer.print({ ...RECORD, key, value }))).toString(
          'latin1',
        );
        const found: Buffer[][] = [];
        for await (const { key, value } of recordReader('%K{big32}%k%V{little32}%v', 1000)(inPieces(text, 7))) {
          found.push([key as Buffer, value as Buffer]);
        }
        expect(found).to.deep.equal(pairs);
      }),
      { numRuns: 50 },
    );
  });
});
