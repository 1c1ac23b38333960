import { expect } from 'chai';
import type { CommandLine } from '../../src/cli/command-line.ts';
import { wireDump } from '../../src/cli/wire-dump.ts';
import { buildBatch, codecOf, encodeRequestHeader, encodeResponseHeader, Writer } from '../../src/protocol/index.ts';
import { Produce } from '../../src/protocol/messages/00-produce.ts';
import { ApiVersions } from '../../src/protocol/messages/18-api-versions.ts';

async function run(
  input: string,
  response?: string,
): Promise<{ exitCode: number; printed: string; complained: string }> {
  const said = { printed: '', complained: '' };
  const commandLine: CommandLine = {
    args: [],
    environment: {},
    processId: 1,
    isColored: false,
    print: (text) => void (said.printed += text),
    complain: (text) => void (said.complained += text),
    onSignal: () => undefined,
    exit: () => undefined,
  };
  const exitCode = await wireDump({ input, ...(response !== undefined && { response }) }, commandLine);
  return { exitCode, ...said };
}

const hexOf = (writer: Writer): string => Buffer.concat(writer.finish()).toString('hex');

describe('ottla wire-dump', () => {
  it('shows a request with its batches, and that binary-parser reads the header alike', async () => {
    const writer = new Writer();
    encodeRequestHeader(writer, { requestApiKey: 0, requestApiVersion: 9, correlationId: 5, clientId: 'me' });
    const records = buildBatch([{ key: Buffer.from('k'), value: Buffer.from('hello'), timestamp: 1 }], {
      baseOffset: 7,
    });
    codecOf(Produce.request, 9).encode(writer, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    });
    const frame = hexOf(writer);
    const size = (frame.length / 2).toString(16).padStart(8, '0');
    const { exitCode, printed } = await run(`${size} ${frame}`);
    expect(exitCode).to.equal(0);
    const dump = JSON.parse(printed);
    expect(dump).to.deep.include({
      kind: 'request',
      api: 'Produce',
      headerReadByBinaryParser: 'agrees',
      bytesLeftOver: 0,
    });
    const [batch] = dump.body.topicData[0].partitionData[0].records;
    expect(batch).to.deep.include({ baseOffset: '7', magic: 2, recordsCount: 1, isChecksumRight: true });
    expect(batch.records).to.deep.equal([{ offset: 7, timestamp: 1, key: 'k', value: 'hello', headers: [] }]);
  });

  it('shows a response when it is told the API, and finds its version', async () => {
    const writer = new Writer();
    encodeResponseHeader(writer, 18, 3, 9);
    codecOf(ApiVersions.response, 3).encode(writer, {
      errorCode: 0,
      apiKeys: [{ apiKey: 0, minVersion: 0, maxVersion: 13 }],
    });
    const hex = hexOf(writer);
    const { exitCode, printed } = await run(hex, 'ApiVersions:3');
    expect(exitCode).to.equal(0);
    expect(JSON.parse(printed)).to.deep.include({ kind: 'response', api: 'ApiVersions', version: 3, correlationId: 9 });
    expect(JSON.parse((await run(hex, 'apiversions')).printed).body.apiKeys).to.have.length(1);
  });

  it('says in one line what it cannot read', async () => {
    for (const [input, response] of [
      ['zz'],
      ['00'],
      ['7fff000000000000'],
      ['0000000900000005ffff'],
      ['00', 'Nope'],
      ['00', 'Fetch:99'],
      ['00', 'Fetch'],
    ] as [string, string?][]) {
      const { exitCode, complained } = await run(input, response);
      expect(exitCode, input).to.equal(1);
      expect(complained).to.match(/^ottla: [^\n]+\n$/);
    }
  });
});
