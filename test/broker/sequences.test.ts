// Groups, transactions and share sessions in states that only a sequence of requests leads to. Apache Kafka 4.3.1 has answered each of
// them (conformance/side-by-side/run.ts --sequences): some once showed a difference, and are called by its kind, others were drawn.
import { expect } from 'chai';
import { Peer } from '../../conformance/side-by-side/peer.ts';
import { propertiesOf } from '../../conformance/side-by-side/scene.ts';
import { readSequences } from '../../conformance/side-by-side/sequences/recorded.ts';
import { replayed } from '../../conformance/side-by-side/sequences/replay.ts';
import { Side } from '../../conformance/side-by-side/sequences/side.ts';
import { makeCoordinators } from '../../conformance/side-by-side/world.ts';
import { PROFILE } from '../../conformance/targets/target.ts';
import { startBroker } from '../../src/index.ts';

describe('Sequences', () => {
  const recorded = readSequences();
  const models = new Set(recorded.map(({ kind }) => kind.split(' ')[0] as string));

  for (const model of models) {
    const own = recorded.filter(({ kind }) => kind.startsWith(`${model} `));

    it(`of ${model} are answered as by Apache Kafka (${own.length})`, async () => {
      await using broker = await startBroker({ memory: true, config: { ...PROFILE, ...propertiesOf('sequences') } });
      const first = new Peer(broker.bootstrapServers);
      await makeCoordinators(first);
      first.close();
      for (const sequence of own) {
        const side = new Side(broker.bootstrapServers, Date.now() - 60_000);
        expect(await replayed(side, sequence), sequence.kind).to.deep.equal([]);
        side.close();
      }
    });
  }
});
