import { expect } from 'chai';
import { ReplicaAssignments, type SendAssignments } from '../../../src/broker/node/replica-assignments.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';

type Directories = Parameters<SendAssignments>[0];

describe('what the controller is told of the directories of replicas', () => {
  let clock: SimClock;
  let assignments: ReplicaAssignments;
  let sent: Directories[];
  /** Of the next answers; afterwards all goes well. */
  let errors: (number | KafkaError)[];

  const send: SendAssignments = (directories) => {
    sent.push(directories);
    const error = errors.shift() ?? Errors.NONE;
    if (error instanceof KafkaError) return Promise.reject(error);
    const answered = directories.map(({ id, topics }) => ({
      id,
      topics: topics.map(({ topicId, partitions }) => ({
        topicId,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: error })),
      })),
    }));
    return Promise.resolve({ throttleTimeMs: 0, errorCode: Errors.NONE, directories: answered });
  };
  const outcome = (promise: Promise<void>): Promise<string> =>
    clock.run(
      promise.then(
        () => 'told',
        (error: Error) => error.message,
      ),
    );

  beforeEach(() => {
    clock = new SimClock({ nextTurn, startMs: 0 });
    assignments = new ReplicaAssignments({ clock, logger: silentLogger, send });
    sent = [];
    errors = [];
  });

  it('goes in one request, once the broker is registered', async () => {
    const first = assignments.assign('t', 0, 'a');
    const second = assignments.assign('t', 1, 'a');
    const third = assignments.assign('u', 0, 'b');
    await clock.advance(1000);
    expect(sent).to.deep.equal([]);
    assignments.start();
    expect(await outcome(Promise.all([first, second, third]).then(() => undefined))).to.equal('told');
    expect(sent).to.deep.equal([
      [
        { id: 'a', topics: [{ topicId: 't', partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }] },
        { id: 'b', topics: [{ topicId: 'u', partitions: [{ partitionIndex: 0 }] }] },
      ],
    ]);
  });

  it('is only the last word', async () => {
    const first = outcome(assignments.assign('t', 0, 'a'));
    const second = outcome(assignments.assign('t', 0, 'b'));
    assignments.start();
    expect(await first).to.match(/another directory/);
    expect(await second).to.equal('told');
    expect(sent.map(([one]) => one?.id)).to.deep.equal(['b']);
  });

  it('is told again when it could not be, later each time', async () => {
    errors = [new KafkaError(Errors.NOT_CONTROLLER), Errors.UNKNOWN_SERVER_ERROR];
    assignments.start();
    const told = outcome(assignments.assign('t', 0, 'a'));
    await clock.advance(99);
    expect(sent).to.have.length(1);
    await clock.advance(2);
    expect(sent).to.have.length(2);
    await clock.advance(201);
    expect(sent).to.have.length(3);
    expect(await told).to.equal('told');
  });

  it('ends with its replica', async () => {
    errors = [Errors.UNKNOWN_TOPIC_ID];
    assignments.start();
    expect(await outcome(assignments.assign('t', 0, 'a'))).to.equal('UNKNOWN_TOPIC_ID');
    await clock.advance(60_000);
    expect(sent).to.have.length(1);
  });
});
