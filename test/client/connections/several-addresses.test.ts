// A broker that is told of under several addresses: by its name through the others, by the address that was reached through itself.
import { expect } from 'chai';
import { ClusterClient } from '../../../src/client/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { Heartbeat } from '../../../src/protocol/messages/12-heartbeat.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { simulate, type Simulation } from '../../../src/runtime/sim/index.ts';
import { type PeerRequest, ScriptedPeer } from '../../protocol/scripted-peer.ts';

const PORT = 9092;
const NAMES = ['node-1', 'another-name'];
const GROUP = { generationId: 1, memberId: 'm' };

/** Each answer tells of the broker under the other one of its names. */
function answering(): (request: PeerRequest) => void {
  let answers = 0;
  return (request) => {
    const { connection, apiKey } = request;
    const broker = { nodeId: 1, host: NAMES[answers++ % NAMES.length], port: PORT, rack: null };
    const told = { throttleTimeMs: 0, errorCode: 0 };
    if (apiKey === Metadata.key) connection.answer(Metadata, request, { ...told, brokers: [broker], topics: [] });
    else if (apiKey === Heartbeat.key) connection.answer(Heartbeat, request, told);
    else {
      const coordinators = [{ ...broker, key: 'g', errorCode: 0, errorMessage: null }];
      connection.answer(FindCoordinator, request, { ...told, coordinators });
    }
  };
}

/** One broker, as far as anybody can tell: it is reached under each of the names. */
async function listening(simulation: Simulation): Promise<ScriptedPeer[]> {
  const peers = NAMES.map((name) => new ScriptedPeer(simulation.machine(name).network, PORT));
  const script = answering();
  for (const peer of peers) {
    peer.versions = [Metadata, FindCoordinator, Heartbeat].map(({ key }) => ({
      apiKey: key,
      minVersion: 4,
      maxVersion: 4,
    }));
    peer.script = script;
    await peer.listen();
  }
  return peers;
}

describe('a broker with several addresses', () => {
  it('keeps its connection, whichever of them is told', () =>
    simulate({ seed: 1, nextTurn }, async (simulation) => {
      const peers = await listening(simulation);
      const { clock, random, network, logger } = simulation.machine('own').runtime;
      const brokers = [{ host: 'node-1', port: PORT }];
      const client = new ClusterClient({ brokers, runtime: { clock, random, network, logger } });
      for (let round = 0; round < 6; round++) {
        client.forgetCoordinator('group', 'g');
        const { errorCode } = await client.askCoordinator('group', 'g', Heartbeat, { groupId: 'g', ...GROUP });
        expect(errorCode).to.equal(0);
        await client.askAny(Metadata, { topics: [], allowAutoTopicCreation: false });
      }
      const connections = peers.flatMap((peer) => peer.connections);
      expect(connections, 'one to begin with, one to the broker that it told of').to.have.length(2);
      expect(connections.filter(({ isClosed }) => isClosed)).to.have.length(0);
      await client.close();
    }));
});
