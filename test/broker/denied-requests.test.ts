// Requests of users who log in and may do some of what they ask for: which part is denied, hidden or left out, and which other error goes
// before the denial. Apache Kafka 4.3.1 has answered each of them (conformance/side-by-side/record.ts --denied); ours are the same answers.
import { expect } from 'chai';
import { Peer } from '../../conformance/side-by-side/peer.ts';
import {
  answerOf,
  DENIED,
  DENIED_REQUESTS,
  prepare,
  propertiesOf,
  readQuestions,
} from '../../conformance/side-by-side/scene.ts';
import { PROFILE } from '../../conformance/targets/target.ts';
import { differences } from '../../conformance/transcripts/compare.ts';
import { LiveBroker } from './live-broker.ts';

const LISTENERS = { listeners: 'PLAINTEXT://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:0' };

const textOf = (body: unknown): string =>
  JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

describe('Requests of users without rights', () => {
  const questions = readQuestions(DENIED_REQUESTS);

  it(`are answered as by Apache Kafka (${questions.length})`, async () => {
    const broker = await LiveBroker.start({ ...PROFILE, ...propertiesOf(DENIED), ...LISTENERS });
    const [plain, login] = broker.node.socketServer.listeners;
    const peer = new Peer(`127.0.0.1:${plain?.port}`, login?.port);
    try {
      await prepare(peer, DENIED, Date.now() - 60_000);
      for (const question of questions) {
        const found = differences(question.answer, await answerOf(peer, question));
        const { user = 'nobody', key, version, body } = question;
        expect(found, `${user} asks ${key} v${version} ${textOf(body)}`).to.deep.equal([]);
      }
    } finally {
      peer.close();
      await broker.close();
    }
  });
});
