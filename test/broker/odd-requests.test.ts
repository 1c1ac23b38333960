// Requests that no well-behaved client sends: empty lists, things named twice, numbers that mean nothing, groups of another kind, time-outs
// that have run out. Apache Kafka 4.3.1 has answered each of them (conformance/side-by-side/record.ts); ours are the same answers.
import { expect } from 'chai';
import { Peer } from '../../conformance/side-by-side/peer.ts';
import { answerOf, ODD_REQUESTS, prepare, propertiesOf, readQuestions } from '../../conformance/side-by-side/scene.ts';
import { PROFILE } from '../../conformance/targets/target.ts';
import { differences } from '../../conformance/transcripts/compare.ts';
import { startBroker } from '../../src/index.ts';

const textOf = (body: unknown): string =>
  JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

describe('Odd requests', () => {
  const questions = readQuestions(ODD_REQUESTS);

  for (const scene of new Set(questions.map((question) => question.scene))) {
    const asked = questions.filter((question) => question.scene === scene);

    it(`about ${scene} are answered as by Apache Kafka (${asked.length})`, async () => {
      await using broker = await startBroker({ memory: true, config: { ...PROFILE, ...propertiesOf(scene) } });
      const peer = new Peer(broker.bootstrapServers);
      await prepare(peer, scene, Date.now() - 60_000);
      for (const question of asked) {
        const found = differences(question.answer, await answerOf(peer, question));
        expect(found, `${question.key} v${question.version} ${textOf(question.body)}`).to.deep.equal([]);
      }
      peer.close();
    });
  }
});
