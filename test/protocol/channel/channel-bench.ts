// A channel and its peer, in virtual time: the peer answers as it is told to.
import { Channel, ChannelError, type ChannelLimits, type Int64 } from '../../../src/protocol/index.ts';
import { ListGroups } from '../../../src/protocol/messages/16-list-groups.ts';
import { AllocateProducerIds } from '../../../src/protocol/messages/67-allocate-producer-ids.ts';
import { type Network, silentLogger } from '../../../src/runtime/index.ts';
import { quickTurn } from '../../quick-turn.ts';
import { simulate, type Simulation } from '../../../src/runtime/sim/index.ts';
import { type PeerRequest, ScriptedPeer } from '../scripted-peer.ts';

const PORT = 9093;
export const REQUEST = { brokerId: 2, brokerEpoch: 7 };
const PEER_VERSIONS = [
  { apiKey: AllocateProducerIds.key, minVersion: 0, maxVersion: 0 },
  { apiKey: ListGroups.key, minVersion: 0, maxVersion: 3 },
];

class Bench {
  readonly simulation: Simulation;
  readonly peer: ScriptedPeer;
  readonly channel: Channel;
  /** When each attempt to connect began. */
  readonly dials: number[] = [];

  private constructor(simulation: Simulation, limits: Partial<ChannelLimits>) {
    this.simulation = simulation;
    this.peer = new ScriptedPeer(simulation.machine('peer').network, PORT);
    this.peer.versions = PEER_VERSIONS;
    this.peer.script = answerAtOnce;
    const { runtime } = simulation.machine('own');
    const { network } = runtime;
    const dialling: Network = {
      listen: (...args) => network.listen(...args),
      connect: (...args) => {
        this.dials.push(simulation.clock.monotonicMs());
        return network.connect(...args);
      },
    };
    this.channel = new Channel({
      network: dialling,
      clock: runtime.clock,
      random: runtime.random,
      logger: silentLogger,
      host: 'peer',
      port: PORT,
      clientId: 'tester',
      software: { name: 'ottla', version: '1' },
      limits,
    });
  }

  static async open(simulation: Simulation, limits: Partial<ChannelLimits> = {}): Promise<Bench> {
    const bench = new Bench(simulation, limits);
    await bench.peer.listen();
    return bench;
  }

  /** What becomes of one request: the start of its block, or the fault. */
  async ask(timeoutMs?: number): Promise<Int64 | string> {
    try {
      const options = timeoutMs === undefined ? {} : { timeoutMs };
      return (await this.channel.ask(AllocateProducerIds, REQUEST, options)).producerIdStart;
    } catch (error) {
      return error instanceof ChannelError ? error.fault : String(error);
    }
  }
}

export const blockOf = (correlationId: number) => ({
  errorCode: 0,
  producerIdStart: 1000 + correlationId,
  producerIdLen: 1,
});

export function answerAtOnce(request: PeerRequest): void {
  request.connection.answer(AllocateProducerIds, request, blockOf(request.correlationId));
}

export function inWorld(
  seed: number,
  body: (bench: Bench, simulation: Simulation) => Promise<void>,
  limits?: Partial<ChannelLimits>,
): Promise<void> {
  return simulate({ seed, nextTurn: quickTurn }, async (simulation) =>
    body(await Bench.open(simulation, limits), simulation),
  );
}
