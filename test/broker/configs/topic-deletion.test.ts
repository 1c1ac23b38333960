// delete.topic.enable=false, over the wire, as Apache Kafka 4.3.1 answered.
import { expect } from 'chai';
import { Errors, ZERO_UUID } from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { LiveBroker } from '../live-broker.ts';
import type { RawClient } from '../raw-client.ts';

describe('A broker whose topics may not be deleted', () => {
  let broker: LiveBroker;
  let client: RawClient;
  let topicId: string;

  before(async () => {
    broker = await LiveBroker.start({ 'delete.topic.enable': false, 'auto.create.topics.enable': false });
    client = await broker.connect();
    topicId = await broker.createTopic('kept');
  });
  after(async () => {
    client.destroy();
    await broker.close();
  });

  const deleted = async (version: number, topicNames: string[], topics: { name: string | null; topicId: string }[]) => {
    const { responses } = await client.ask(DeleteTopics, version, { topicNames, topics, timeoutMs: 1000 });
    return responses.map(({ name, topicId, errorCode, errorMessage }) => [name, topicId, errorCode, errorMessage]);
  };

  it('refuses by name, known or not, in words that the version knows', async () => {
    for (const version of [1, 2, 3, 4, 5]) {
      const code = version < 3 ? Errors.INVALID_REQUEST : Errors.TOPIC_DELETION_DISABLED;
      expect(await deleted(version, ['kept', 'unknown'], []), `version ${version}`).to.deep.equal([
        ['kept', ZERO_UUID, code, null],
        ['unknown', ZERO_UUID, code, null],
      ]);
    }
  });

  it('refuses by id, known or not, and what names no topic at all', async () => {
    const unknown = 'AAAAAAAAAAAAAAAAAAAABA';
    const asked = [
      { name: 'kept', topicId: ZERO_UUID },
      { name: null, topicId },
      { name: null, topicId: unknown },
      { name: null, topicId: ZERO_UUID },
    ];
    const code = Errors.TOPIC_DELETION_DISABLED;
    expect(await deleted(6, [], asked)).to.deep.equal(asked.map(({ name, topicId }) => [name, topicId, code, null]));
    expect(await deleted(6, [], [])).to.deep.equal([]);
  });

  it('has deleted nothing', async () => {
    const { topics } = await client.ask(Metadata, 12, { topics: [{ topicId: ZERO_UUID, name: 'kept' }] });
    expect(topics[0]).to.deep.include({ errorCode: Errors.NONE, topicId });
  });
});
