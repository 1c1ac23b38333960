// Two whole brokers on simulated machines, whose only link is cut, slowed, one-way and healed (two-nodes-world.ts).
import { expect } from 'chai';
import { Errors, type KafkaError } from '../../../src/protocol/index.ts';
import { AllocateProducerIds } from '../../../src/protocol/messages/67-allocate-producer-ids.ts';
import { AssignReplicasToDirs } from '../../../src/protocol/messages/73-assign-replicas-to-dirs.ts';
import { delay } from '../../../src/runtime/index.ts';
import { DIRECTORY, Follower, inWorld, join, NEXT_INCARNATION, prepareWorlds, SESSION_MS } from './two-nodes-world.ts';

describe('Two brokers on a simulated network', function () {
  this.timeout(60_000);

  before(prepareWorlds);

  it('ask each other which versions they speak, and one registers with the controller of the other', async () => {
    await inWorld(1, async (world) => {
      const { follower, first } = world;
      const { apiKeys, errorCode } = await follower.brokerVersions();
      expect(errorCode).to.equal(Errors.NONE);
      expect(apiKeys.map(({ apiKey }) => apiKey)).to.include.members([0, 1, 3, 18, 60]);
      await follower.register();
      expect(follower.epoch).to.be.greaterThan(0);
      expect(world.brokerTwo).to.include({ isFenced: true, epoch: follower.epoch });
      await join(world);
      expect(world.brokerTwo?.isFenced).to.equal(false);
      const ids = { brokerId: 2, brokerEpoch: follower.epoch };
      const { producerIdStart, producerIdLen } = await follower.controller.send(AllocateProducerIds, ids);
      expect([producerIdStart, producerIdLen]).to.deep.equal([0, 1000]);
      const stale = follower.controller.send(AllocateProducerIds, { ...ids, brokerEpoch: 1 });
      expect(await stale.catch((error: KafkaError) => error.code)).to.equal(Errors.STALE_BROKER_EPOCH);
      const topicId = first.image.topics.byName.get('shared')?.id ?? '';
      const topics = [{ topicId, partitions: [{ partitionIndex: 0 }] }];
      const { directories } = await follower.controller.send(AssignReplicasToDirs, {
        ...ids,
        directories: [{ id: DIRECTORY, topics }],
      });
      expect(directories[0]?.topics[0]?.partitions[0]?.errorCode).to.equal(Errors.NONE);
      expect(world.partition?.directories).to.include(DIRECTORY);
    });
  });

  it('go on when the link between them has been cut, and the one that was silent is fenced meanwhile', async () => {
    await inWorld(2, async (world) => {
      const { follower, simulation } = world;
      await join(world);
      expect(new Set(await follower.beatFor(20_000))).to.deep.equal(new Set(['unfenced']));
      expect(follower.dials).to.have.length(1);
      simulation.links.cut('node1', 'node2');
      expect(new Set(await follower.beatFor(2 * SESSION_MS))).to.deep.equal(new Set(['REQUEST_TIMED_OUT']));
      expect(world.brokerTwo?.isFenced).to.equal(true);
      expect(world.partition).to.deep.include({ leader: 1, isr: [1] });
      expect(world.first.image.cluster.brokers.get(1)?.isFenced).to.equal(false);
      simulation.links.heal('node1', 'node2');
      const healed = await follower.beatFor(6000);
      expect(healed.at(-1)).to.equal('unfenced');
      expect(world.brokerTwo?.isFenced).to.equal(false);
    });
  });

  it('ask again ever more seldom while they cannot be reached', async () => {
    await inWorld(3, async (world) => {
      const { follower, simulation } = world;
      await join(world);
      world.machines[0].network.crash('kill');
      const asked = Array.from({ length: 3 }, async () => {
        for (let again = 0; again < 4; again++) expect(await follower.beat()).to.match(/TIMED_OUT|NETWORK_EXCEPTION/);
      });
      await Promise.all(asked);
      await delay(simulation.clock, 10);
      const pauses = follower.dials.slice(2).map((at, index) => at - (follower.dials[index + 1] as number));
      expect(pauses.length).to.be.within(6, 14);
      expect(pauses[0]).to.be.below(130);
      expect(pauses.at(-1)).to.be.above(750);
    });
  });

  it('wait for slow answers, and are not deceived by a link that carries one way only', async () => {
    await inWorld(4, async (world) => {
      const { follower, simulation } = world;
      const { links, clock } = simulation;
      await join(world);
      links.slow('node1', 'node2', 200);
      const before = clock.monotonicMs();
      expect(await follower.beat()).to.equal('unfenced');
      expect(clock.monotonicMs() - before).to.be.within(400, 420);
      links.slow('node1', 'node2', 2000);
      expect(await follower.beat()).to.equal('REQUEST_TIMED_OUT');
      links.heal('node1', 'node2');
      expect((await follower.beatFor(6000)).at(-1)).to.equal('unfenced');
      links.cutOneWay('node1', 'node2');
      expect(new Set(await follower.beatFor(2 * SESSION_MS))).to.deep.equal(new Set(['REQUEST_TIMED_OUT']));
      expect(world.brokerTwo?.isFenced, 'what it says arrives, but it can begin no more connections').to.equal(true);
      links.heal('node1', 'node2');
      expect((await follower.beatFor(6000)).at(-1)).to.equal('unfenced');
    });
  });

  it('find each other again when one has been killed and started anew', async () => {
    await inWorld(5, async (world) => {
      const { follower } = world;
      await join(world);
      await world.restartFirst();
      expect(world.brokerTwo).to.include({ epoch: follower.epoch });
      expect((await follower.beatFor(4000)).at(-1)).to.equal('unfenced');
      expect((await follower.brokerVersions()).errorCode).to.equal(Errors.NONE);
    });
  });

  it('take one back at once whose machine has lost its power, though nothing has told of its death', async () => {
    for (const downMs of [500, 1500, 4000]) {
      await inWorld(6, async (world) => {
        await join(world);
        const { epoch } = world.follower;
        const { clock } = world.simulation;
        await world.powerCycleSecond(downMs);
        expect(world.brokerTwo, 'its session is not over').to.include({ epoch, isFenced: false });
        const backAtMs = clock.monotonicMs();
        await world.follower.register();
        expect(clock.monotonicMs() - backAtMs, `down for ${downMs} ms`).to.be.below(100);
        expect(world.follower.epoch).to.be.above(epoch);
        expect(await world.follower.beat()).to.equal('unfenced');
      });
    }
  });

  it('do not take one for dead that is only held up or cut off when another comes with its id', async () => {
    for (const trouble of ['held up', 'cut off']) {
      await inWorld(7, async (world) => {
        const { follower, simulation } = world;
        await join(world);
        const { epoch } = follower;
        const [, machine] = world.machines;
        if (trouble === 'held up') machine.clock.hold(5000);
        else simulation.links.cut('node1', 'node2');
        const other = new Follower(simulation.machine('node3'), NEXT_INCARNATION);
        for (const attempt of ['first', 'second']) {
          const refused = await other.register().catch((error: KafkaError) => error.code);
          expect(refused, `${trouble}, ${attempt} attempt`).to.equal(Errors.DUPLICATE_BROKER_REGISTRATION);
        }
        await other.channel.close();
        expect(world.brokerTwo).to.include({ epoch, isFenced: false });
        simulation.links.heal('node1', 'node2');
        await delay(simulation.clock, 3000);
        expect((await follower.beatFor(4000)).at(-1)).to.equal('unfenced');
        expect(world.brokerTwo).to.include({ epoch, isFenced: false });
      });
    }
  });

  it('do the same for the same seed, whatever befalls their link', async () => {
    const storyOf = (seed: number): Promise<string> =>
      inWorld(seed, async (world, tell) => {
        const { follower, simulation } = world;
        const { links, random } = simulation;
        await join(world);
        for (let step = 0; step < 6; step++) {
          const what = ['cut', 'one way', 'slow', 'heal', 'restart'][Math.floor(random.next() * 5)];
          tell(what);
          if (what === 'cut') links.cut('node1', 'node2');
          else if (what === 'one way') links.cutOneWay('node2', 'node1');
          else if (what === 'slow') links.slow('node1', 'node2', random.next() * 1000);
          else if (what === 'heal') links.heal('node1', 'node2');
          else await world.restartFirst();
          tell(await follower.beatFor(random.next() * 12_000));
          tell([world.brokerTwo, world.partition, follower.dials]);
        }
        links.heal('node1', 'node2');
        tell(await follower.beatFor(12_000));
        expect(world.brokerTwo?.isFenced).to.equal(false);
      });
    const stories = new Set<string>();
    for (let seed = 1; seed <= 4; seed++) {
      const story = await storyOf(seed);
      expect((await storyOf(seed)) === story, `seed ${seed}`).to.equal(true);
      stories.add(story);
    }
    expect(stories.size).to.equal(4);
  });
});
