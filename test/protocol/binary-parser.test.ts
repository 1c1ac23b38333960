// An independent judge: binary-parser reads what our encoders wrote, from layouts put down here by hand.
import { Parser } from 'binary-parser';
import { expect } from 'chai';
import { codecOf, encodeRequestFrame, encodeResponseHeader, Writer } from '../../src/protocol/index.ts';
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../src/protocol/messages/18-api-versions.ts';

/** The part of the package that is used here. */
interface Layout {
  endianness(order: 'big'): this;
  uint8(name: string): this;
  int16(name: string): this;
  int32(name: string): this;
  string(name: string, options: { length: (this: Record<string, number>) => number }): this;
  array(name: string, options: { length: string; type: string | Layout }): this;
  parse(bytes: Uint8Array): Fields;
}
// biome-ignore lint/suspicious/noExplicitAny: what comes out is compared, not used
type Fields = Record<string, any>;

const layout = () => (new Parser() as unknown as Layout).endianness('big');

/** Strings with an int16 length; a null reads as no characters here. */
function text(parser: Layout, name: string): Layout {
  return parser.int16(`${name}Length`).string(name, {
    length() {
      return Math.max(0, this[`${name}Length`] as number);
    },
  });
}
const list = (parser: Layout, name: string, type: string | Layout): Layout =>
  parser.int32(`${name}Count`).array(name, { length: `${name}Count`, type });

describe('binary-parser', () => {
  it('reads our request header and Metadata v1 request', () => {
    const said = { requestApiKey: 3, requestApiVersion: 1, correlationId: 77, clientId: 'judge' };
    const request = { topics: [{ name: 'one' }, { name: 'zwölf' }] };
    const frame = Buffer.concat(encodeRequestFrame(new Writer(), said, codecOf(Metadata.request, 1), request));
    const header = text(layout().int32('size').int16('key').int16('version').int32('correlationId'), 'clientId');
    const read = list(header, 'topics', text(layout(), 'name')).parse(frame);
    expect(read).to.include({ size: frame.length - 4, key: 3, version: 1, correlationId: 77, clientId: 'judge' });
    expect(read.topics.map((topic: Fields) => topic.name)).to.deep.equal(['one', 'zwölf']);
  });

  it('reads our Metadata v1 response', () => {
    const writer = new Writer();
    encodeResponseHeader(writer, 3, 1, 78);
    const partition = { errorCode: 0, partitionIndex: 4, leaderId: 1, replicaNodes: [1, 2], isrNodes: [1] };
    codecOf(Metadata.response, 1).encode(writer, {
      brokers: [{ nodeId: 1, host: 'localhost', port: 9092, rack: 'r' }],
      controllerId: 1,
      topics: [{ errorCode: 3, name: 't', isInternal: true, partitions: [partition] }],
    });
    const replicas = list(layout().int16('error').int32('index').int32('leader'), 'replicas', 'int32be');
    const topic = list(
      text(layout().int16('error'), 'name').uint8('isInternal'),
      'partitions',
      list(replicas, 'isr', 'int32be'),
    );
    const broker = text(text(layout().int32('id'), 'host').int32('port'), 'rack');
    const brokers = list(layout().int32('correlationId'), 'brokers', broker);
    const read = list(brokers.int32('controllerId'), 'topics', topic).parse(writer.finishToBytes());
    expect(read).to.include({ correlationId: 78, controllerId: 1, brokersCount: 1, topicsCount: 1 });
    expect(read.brokers[0]).to.include({ id: 1, host: 'localhost', port: 9092, rack: 'r' });
    expect(read.topics[0]).to.include({ error: 3, name: 't', isInternal: 1 });
    expect(read.topics[0].partitions[0]).to.deep.include({ error: 0, index: 4, leader: 1, replicas: [1, 2], isr: [1] });
  });

  it('reads our ApiVersions v0 response', () => {
    const writer = new Writer();
    encodeResponseHeader(writer, 18, 0, 79);
    const answer = { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] };
    codecOf(ApiVersions.response, 0).encode(writer, answer);
    const range = layout().int16('apiKey').int16('minVersion').int16('maxVersion');
    const read = list(layout().int32('correlationId').int16('errorCode'), 'apiKeys', range).parse(
      writer.finishToBytes(),
    );
    expect(read).to.deep.equal({ correlationId: 79, apiKeysCount: 1, ...answer });
  });
});
