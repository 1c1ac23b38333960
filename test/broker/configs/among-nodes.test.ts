// Configs that act among several nodes, as seen by others of them: a voter that is a script, a broker that never answers.
import { expect } from 'chai';
import { effectOf } from '../../../src/broker/configs/kafka-keys.ts';
import { apiVersions } from '../../../src/api-handlers/18-api-versions.ts';
import type { Handler } from '../../../src/api-handlers/handler.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { AddPartitionsToTxn } from '../../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { buildBatch } from '../../../src/protocol/records/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { NodeConnection } from '../../simulation/replication/node-server.ts';
import { addSilentBroker, createFollowed, PATIENT as QUIET } from './probes/cluster-probes.ts';
import { ProbedBroker } from './probes/probed-broker.ts';
import { besideVoter, type Noted, type Script, type Seen } from './probes/scripted-controller.ts';

interface Probe {
  readonly role: 'broker' | 'controller';
  readonly script: Script;
  readonly forMs: number;
  readonly values: readonly [string, string];
  readonly sees: readonly [unknown, unknown];
  readonly look: (seen: Seen) => unknown;
  readonly beside?: Readonly<Record<string, string>>;
}

/** From one request of this kind to the next, in milliseconds. */
function pauses({ asked }: Seen, name: Noted['name']): number[] {
  const times = asked.filter((one) => one.name === name).map(({ atMs }) => atMs);
  return times.slice(1).map((atMs, index) => atMs - (times[index] as number));
}
const shortest = (all: readonly number[]): number => Math.min(...all);
const first = (asked: readonly Noted[], name: Noted['name']): Noted | undefined =>
  asked.find((one) => one.name === name);
const between = (least: number, most: number) => (ms: number | undefined) =>
  ms !== undefined && ms >= least && ms <= most;
/** In which of two ranges something lies. */
const range = (ms: number | undefined, ranges: readonly (readonly [number, number])[]): number =>
  ranges.findIndex(([least, most]) => between(least, most)(ms));

const SERVER = 'node1:9093';
const MUTE: Script = {};
const PATIENT = { 'initial.broker.registration.timeout.ms': '3600000' };

const probes: Readonly<Record<string, Probe>> = {
  'controller.quorum.bootstrap.servers': {
    role: 'broker',
    script: MUTE,
    forMs: 1000,
    values: [SERVER, 'node9:9999'],
    sees: ['node1', 'node9'],
    look: ({ dials }) => dials[0]?.host,
    beside: { ...PATIENT, 'controller.quorum.voters': '' },
  },
  'controller.quorum.request.timeout.ms': {
    role: 'broker',
    script: MUTE,
    forMs: 20_000,
    values: ['1000', '5000'],
    sees: [0, 1],
    look: (seen) =>
      range(shortest(pauses(seen, 'Fetch')), [
        [1000, 1500],
        [5000, 6000],
      ]),
    beside: PATIENT,
  },
  'controller.quorum.retry.backoff.ms': {
    role: 'broker',
    script: { fetch: 'knows of no leader' },
    forMs: 10_000,
    values: ['20', '2000'],
    sees: [0, 1],
    look: (seen) =>
      range(shortest(pauses(seen, 'Fetch')), [
        [20, 100],
        [2000, 2100],
      ]),
    beside: PATIENT,
  },
  'controller.quorum.fetch.max.bytes': {
    role: 'broker',
    script: MUTE,
    forMs: 1000,
    values: ['1048576', '7777'],
    sees: [1_048_576, 7777],
    look: ({ asked }) => first(asked, 'Fetch')?.maxBytes,
    beside: PATIENT,
  },
  'controller.quorum.fetch.snapshot.max.bytes': {
    role: 'broker',
    script: { fetch: 'leads, and has a snapshot' },
    forMs: 1000,
    values: ['1048576', '7777'],
    sees: [1_048_576, 7777],
    look: ({ asked }) => first(asked, 'FetchSnapshot')?.maxBytes,
    beside: PATIENT,
  },
  'socket.connection.setup.timeout.ms': {
    role: 'broker',
    script: { isCutOff: true },
    forMs: 30_000,
    values: ['1000', '8000'],
    sees: [0, 1],
    look: ({ dials }) =>
      range((dials[1]?.atMs ?? 0) - (dials[0]?.atMs ?? 0), [
        [1000, 1200],
        [8000, 8200],
      ]),
    beside: { ...PATIENT, 'controller.quorum.request.timeout.ms': '60000' },
  },
  'socket.connection.setup.timeout.max.ms': {
    role: 'broker',
    script: { isCutOff: true },
    forMs: 60_000,
    values: ['1000', '30000'],
    sees: [true, false],
    look: ({ dials }) => dials.length > 20,
    beside: {
      ...PATIENT,
      'controller.quorum.request.timeout.ms': '100000',
      'socket.connection.setup.timeout.ms': '1000',
    },
  },
  'controller.quorum.election.timeout.ms': {
    role: 'controller',
    script: { fetch: 'knows of no leader', vote: 'refuses' },
    forMs: 60_000,
    values: ['1000', '8000'],
    sees: [0, 1],
    look: (seen) =>
      range(shortest(pauses(seen, 'Vote')), [
        [1000, 2050],
        [8000, 16_050],
      ]),
  },
  'controller.quorum.fetch.timeout.ms': {
    role: 'controller',
    script: { fetch: 'leads once, then is mute' },
    forMs: 60_000,
    values: ['2000', '9000'],
    sees: [0, 1],
    // Behind it comes an election timeout, in which nobody votes.
    look: (seen) =>
      range(shortest(pauses(seen, 'Vote')), [
        [2000, 4500],
        [9000, 11_500],
      ]),
  },
  'controller.quorum.election.backoff.max.ms': {
    role: 'controller',
    script: { fetch: 'knows of no leader', vote: 'refuses candidates' },
    forMs: 30_000,
    values: ['50', '10000'],
    sees: [true, false],
    look: (seen) => Math.max(...pauses(seen, 'Vote')) <= 60,
  },
};

/** A broker that takes requests about transactions and never answers them. */
async function muteCoordinator() {
  const features = () => ({ supported: [], finalized: new Map<string, number>(), epoch: -1 });
  const mute = { api: AddPartitionsToTxn, handle: () => new Promise(() => undefined) };
  const handlers = [apiVersions(() => [18, 24], features), mute] as unknown as Handler[];
  const { network } = nodeRuntime({ logger: silentLogger });
  return network.listen({ host: '127.0.0.1', port: 0 }, (connection) => new NodeConnection(connection, handlers));
}

/** The error of a batch whose transaction another broker is asked about, which does not answer; undefined: none for so long. */
async function verified(requestTimeoutMs: string, forMs: number): Promise<number | undefined> {
  const silence = { ...QUIET, 'broker.session.timeout.ms': '2000000', 'controlled.shutdown.enable': 'false' };
  const broker = await ProbedBroker.start({ ...silence, 'request.timeout.ms': requestTimeoutMs });
  const other = await muteCoordinator();
  try {
    await addSilentBroker(broker, { port: other.port });
    await createFollowed(broker, '__transaction_state', [2]);
    await createFollowed(broker, 't', [1]);
    const records = buildBatch([{ value: Buffer.from('v') }], {
      producerId: 5n,
      producerEpoch: 0,
      baseSequence: 0,
      isTransactional: true,
    });
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
    const client = await broker.connect();
    let errorCode: number | undefined;
    const answered = client
      .ask(Produce, 11, { transactionalId: 'x', acks: -1, timeoutMs: 1_000_000, topicData })
      .then(({ responses }) => (errorCode = responses[0]?.partitionResponses[0]?.errorCode));
    await broker.pass(forMs);
    const known = errorCode;
    await broker.wait(Number(requestTimeoutMs));
    await answered;
    client.destroy();
    return known;
  } finally {
    await other.close();
    await broker.close();
  }
}

/** Who leads a topic when its leader, which another broker follows, has stopped. */
async function leaderAfterStop(isEnabled: string): Promise<number | undefined> {
  const config = { ...QUIET, 'broker.session.timeout.ms': '2000000', 'controlled.shutdown.enable': isEnabled };
  const broker = await ProbedBroker.start(config);
  await addSilentBroker(broker);
  await createFollowed(broker, 'followed');
  await broker.close();
  return broker.node.image.topics.byName.get('followed')?.partitions[0]?.leader;
}

describe('A config that acts among nodes', function () {
  this.timeout(30_000);

  before(async () => {
    for (const role of ['broker', 'controller'] as const) await besideVoter(role, {}, MUTE, 100);
  });

  for (const [name, { role, script, forMs, values, sees, look, beside }] of Object.entries(probes)) {
    it(`is seen to: ${name}`, async () => {
      expect(effectOf(name).kind).to.equal('among nodes');
      const seen: unknown[] = [];
      for (const value of values) seen.push(look(await besideVoter(role, { ...beside, [name]: value }, script, forMs)));
      expect(seen).to.deep.equal(sees);
    });
  }

  it('is seen to: request.timeout.ms', async () => {
    expect(effectOf('request.timeout.ms').kind).to.equal('among nodes');
    expect([await verified('30000', 5000), await verified('1000', 5000)]).to.deep.equal([
      undefined,
      Errors.NOT_ENOUGH_REPLICAS,
    ]);
  });

  it('is seen to: controlled.shutdown.enable', async () => {
    expect([await leaderAfterStop('true'), await leaderAfterStop('false')]).to.deep.equal([2, 1]);
  });
});
