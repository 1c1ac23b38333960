// A broker whose log directory has failed tells the controller of it within log.dir.failure.timeout.ms, or ends.
import { expect } from 'chai';
import type { ControllerChannel } from '../../../../src/api-handlers/index.ts';
import { BrokerLifecycle } from '../../../../src/broker/node/lifecycle/broker-lifecycle.ts';
import { MetadataImage } from '../../../../src/kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../../../src/protocol/index.ts';
import { delay, silentLogger } from '../../../../src/runtime/index.ts';
import { nextTurn } from '../../../../src/runtime/node/index.ts';
import { SimClock } from '../../../../src/runtime/sim/index.ts';

const LIMIT_MS = 5_000;

interface World {
  readonly clock: SimClock;
  readonly lifecycle: BrokerLifecycle;
  readonly told: readonly (readonly string[])[];
  readonly untold: readonly Error[];
  /** From now on no heartbeat is answered. */
  readonly cutOff: () => void;
}

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const clock = new SimClock({ nextTurn });
  const told: string[][] = [];
  const untold: Error[] = [];
  let isCutOff = false;
  const answer = (api: { name: string }, request: unknown): Promise<unknown> => {
    if (api.name === 'BrokerRegistration') return Promise.resolve({ brokerEpoch: 7 });
    if (isCutOff) return Promise.reject(new KafkaError(Errors.NOT_CONTROLLER));
    told.push((request as { offlineLogDirs: string[] }).offlineLogDirs);
    return Promise.resolve({ isFenced: false, shouldShutDown: false });
  };
  const lifecycle = new BrokerLifecycle({
    controller: { send: answer, forward: answer } as unknown as ControllerChannel,
    facts: {
      nodeId: 3,
      clusterId: 'c',
      incarnationId: 'i',
      listeners: [],
      rack: null,
      previousBrokerEpoch: -1,
      logDirs: ['a', 'b'],
    },
    times: {
      heartbeatIntervalMs: 500,
      sessionTimeoutMs: 2_000,
      registrationTimeoutMs: 10_000,
      directoryFailureMs: LIMIT_MS,
    },
    untold: (error) => untold.push(error),
    image: () => MetadataImage.empty,
    appliedOffset: () => 1,
    isAlone: () => false,
    clock,
    logger: silentLogger,
  });
  const story = async (): Promise<void> => {
    await lifecycle.register();
    await lifecycle.unfence();
    await body({ clock, lifecycle, told, untold, cutOff: () => void (isCutOff = true) });
    lifecycle.close();
  };
  await clock.run(story());
}

describe('A broker whose log directory has failed', () => {
  it('tells the controller at once, and goes on', () =>
    inWorld(async ({ clock, lifecycle, told, untold }) => {
      lifecycle.directoriesFailed(['b']);
      await delay(clock, 100);
      expect(told.at(-1)).to.deep.equal(['b']);
      await delay(clock, 2 * LIMIT_MS);
      expect(untold).to.deep.equal([]);
    }));

  it('ends when the controller cannot be told for log.dir.failure.timeout.ms, also of a second one', () =>
    inWorld(async ({ clock, lifecycle, untold, cutOff }) => {
      lifecycle.directoriesFailed(['b']);
      await delay(clock, 1_000);
      cutOff();
      lifecycle.directoriesFailed(['b', 'a']);
      await delay(clock, LIMIT_MS - 100);
      expect(untold).to.deep.equal([]);
      await delay(clock, 200);
      expect(untold.map(({ message }) => message)).to.have.length(1);
      expect(untold[0]?.message).to.contain('node 3').and.to.contain('log.dir.failure.timeout.ms');
    }));

  it('that is on its way out says nothing of it', () =>
    inWorld(async ({ clock, lifecycle, untold, cutOff }) => {
      cutOff();
      lifecycle.directoriesFailed(['b']);
      lifecycle.close();
      await delay(clock, 2 * LIMIT_MS);
      expect(untold).to.deep.equal([]);
    }));
});
