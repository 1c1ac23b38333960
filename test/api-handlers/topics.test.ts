// CreateTopics, DeleteTopics and CreatePartitions: the recorded session of Apache Kafka, line by line.
import { expect } from 'chai';
import { createTopics } from '../../src/api-handlers/19-create-topics.ts';
import { deleteTopics } from '../../src/api-handlers/20-delete-topics.ts';
import { createPartitions } from '../../src/api-handlers/37-create-partitions.ts';
import { Errors, KafkaError } from '../../src/protocol/index.ts';
import { ControllerBench } from './controller-bench.ts';
import { answerOf, expectRecorded, recorded } from './recorded.ts';

describe('Topics', () => {
  it('are created, deleted and grown with the answers of Apache Kafka', async () => {
    const bench = new ControllerBench();
    bench.setConfig(4, '', 'min.insync.replicas', '1');
    const handlers = [createTopics(bench), deleteTopics(bench), createPartitions(bench)];
    const captured = new Map<string, string>();
    const lines = recorded(/^(create|setup\.create|delete|partitions|recreate)(\.|$)/);
    let played = 0;
    for (const line of lines) {
      const handler = handlers.find(({ api }) => api.key === line.key);
      if (handler === undefined || line.conn.startsWith('controller')) continue;
      await expectRecorded(handler as never, line, (request) => {
        for (const { pointer, var: name } of line.uses) {
          const [, , index = ''] = pointer.split('/');
          (request['topics'] as Record<string, { topicId: string }>)[index] = {
            ...(request['topics'] as Record<string, { topicId: string }>)[index],
            topicId: captured.get(name) ?? '',
          };
        }
      });
      for (const { var: name } of line.captures) {
        captured.set(name, bench.image.topics.byName.get(name.replace('topicId:', ''))?.id ?? '');
      }
      played++;
    }
    expect(played).to.be.greaterThan(100);
  });

  it('answers every topic when the controller refuses the whole request', async () => {
    const refusing = { forward: () => Promise.reject(new KafkaError(Errors.POLICY_VIOLATION, 'Too much.')) };
    const handler = createTopics(refusing as never);
    const topics = ['a', 'b'].map((name) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    const answer = await answerOf(handler, 7, { topics, timeoutMs: 1, validateOnly: false });
    const facts = (answer['topics'] as { name: string; errorCode: number; errorMessage: string }[]).map(
      ({ name, errorCode, errorMessage }) => [name, errorCode, errorMessage],
    );
    expect(facts).to.deep.equal([
      ['a', 44, 'Too much.'],
      ['b', 44, 'Too much.'],
    ]);
  });

  it('answers names below DeleteTopics 6 and ids from there on when the controller fails', async () => {
    const handler = deleteTopics({
      forward: () => Promise.reject(new KafkaError(Errors.REQUEST_TIMED_OUT)),
    } as never);
    const old = await answerOf(handler, 5, { topicNames: ['a'], topics: [], timeoutMs: 1 });
    expect(old['responses']).to.deep.include({
      name: 'a',
      topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
      errorCode: 7,
      errorMessage: null,
    });
    const topicId = 'tL0Yn4KbTHe2BQ1UQmTB7w';
    const newer = await answerOf(handler, 6, { topicNames: [], topics: [{ name: null, topicId }], timeoutMs: 1 });
    expect(newer['responses']).to.deep.include({ name: null, topicId, errorCode: 7, errorMessage: null });
  });
});
