import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { delay, type Disk, readTextSync, replaceFileSync } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { type CrashMode, SeededRandom, SimClock, simulate, type Simulation } from '../../src/runtime/sim/index.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Runs a small program on a disk until a crash at a random moment, and returns what happened, told as text. */
async function traceOf(seed: number): Promise<string> {
  const trace: string[] = [];
  await simulate({ seed, nextTurn, trace: (line) => trace.push(line) }, async (simulation) => {
    const machine = simulation.machine();
    const work = async (name: string): Promise<void> => {
      const file = machine.disk.openSync(name, 'create');
      for (let index = 0; index < 10; index++) {
        await file.writev([bytes(`${name}${index}`)], file.sizeSync());
        if (index % 3 === 0) await file.sync();
      }
    };
    void work('a');
    void work('b');
    await delay(simulation.clock, simulation.random.next() * 60);
    machine.crash('power');
    for (const name of ['a', 'b']) trace.push(String(readTextSync(machine.disk, name)));
  });
  return trace.join('\n');
}

async function onMachine(seed: number, body: (simulation: Simulation) => Promise<void>): Promise<void> {
  await simulate({ seed, nextTurn }, body);
}

describe('The simulated world', () => {
  it('runs the same way for the same seed and another way for another', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const first = await traceOf(seed);
      expect(await traceOf(seed)).to.equal(first);
      hashes.add(createHash('sha1').update(first).digest('hex'));
    }
    expect(hashes.size).to.equal(20);
  });

  it('names the seed of a run that fails', async () => {
    let message = '';
    await simulate({ seed: 4711, nextTurn }, async () => {
      throw new Error('lost a record');
    }).catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.equal('simulation with seed 4711: lost a record');
  });

  it('ends a run that waits for nothing', async () => {
    let message = '';
    await simulate({ seed: 1, nextTurn }, () => new Promise(() => undefined)).catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.contain('waits for nothing');
  });

  it('draws evenly', () => {
    const random = new SeededRandom(7);
    const counts = [0, 0, 0, 0];
    for (let index = 0; index < 40_000; index++) {
      const bucket = Math.floor(random.next() * 4);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    for (const count of counts) expect(count).to.be.within(9500, 10_500);
    expect([...new SeededRandom(1, 'a').bytes(4)]).to.not.deep.equal([...new SeededRandom(1, 'b').bytes(4)]);
  });
});

describe('Virtual time', () => {
  it('runs events by time and then in the order asked, with their promises in between', async () => {
    const clock = new SimClock({ nextTurn, startMs: 1000 });
    const order: string[] = [];
    clock.schedule(10, () => order.push(`c at ${clock.nowMs()}`));
    clock.schedule(5, () => {
      order.push('a');
      void Promise.resolve().then(() => order.push('promise of a'));
      clock.endOfTurn(() => order.push('end of turn of a'));
    });
    clock.schedule(5, () => order.push('b'));
    clock.schedule(7, () => order.push('never')).cancel();
    await clock.advance(20);
    expect(order).to.deep.equal(['a', 'promise of a', 'end of turn of a', 'b', 'c at 1010']);
    expect(clock.nowMs()).to.equal(1020);
  });

  it('keeps thousands of timers in order', async () => {
    const clock = new SimClock({ nextTurn: async () => undefined });
    const random = new SeededRandom(3);
    const fired: number[] = [];
    for (let index = 0; index < 5000; index++) {
      const atMs = Math.floor(random.next() * 1000);
      clock.schedule(atMs, () => fired.push(atMs));
    }
    await clock.advance(1000);
    expect(fired).to.have.length(5000);
    expect(fired).to.deep.equal(fired.toSorted((a, b) => a - b));
  });
});

describe('The disk that fails', () => {
  it('keeps what was flushed in files whose names were flushed, whatever happens', async () => {
    for (let seed = 1; seed <= 200; seed++) {
      await onMachine(seed, async (simulation) => {
        const machine = simulation.machine();
        const { disk } = machine;
        disk.makeDirectorySync('d');
        const file = disk.openSync('d/f', 'create');
        file.writevSync([bytes('safe')], 0);
        await file.sync();
        disk.syncDirectorySync('d');
        disk.syncDirectorySync('');
        file.writevSync([bytes('maybe')], 4);
        replaceFileSync(disk, 'd/checkpoint', 'v1');
        void file.writev([bytes('under way')], 9);
        machine.crash(simulation.random.next() < 0.5 ? 'kill' : 'power');
        const found = readTextSync(machine.disk, 'd/f') ?? '';
        expect(found.slice(0, 4)).to.equal('safe');
        expect(found.length).to.be.at.most(18);
        expect(readTextSync(machine.disk, 'd/checkpoint')).to.equal('v1');
      });
    }
  });

  it('keeps everything that was written when only the process dies', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      await onMachine(seed, async (simulation) => {
        const machine = simulation.machine();
        const file = machine.disk.openSync('f', 'create');
        file.writevSync([bytes('written')], 0);
        void file.writev([bytes('+under way')], 7);
        machine.crash('kill');
        expect('written+under way'.startsWith(readTextSync(machine.disk, 'f') as string)).to.equal(true);
        expect(readTextSync(machine.disk, 'f')).to.match(/^written/);
      });
    }
  });

  it('loses and tears what was not flushed', async () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 300; seed++) {
      await onMachine(seed, async (simulation) => {
        const machine = simulation.machine();
        const file = machine.disk.openSync('f', 'create');
        file.writevSync([bytes('ab')], 0);
        file.writevSync([bytes('cd')], 2);
        machine.crash('power');
        found.add(readTextSync(machine.disk, 'f') ?? 'no file');
      });
    }
    for (const outcome of ['no file', '', 'a', 'ab', 'abc', 'abcd', 'ab\0', '\0\0'])
      expect([...found]).to.include(outcome);
  });

  it('forgets dirty pages after a failed flush', async () => {
    let lost = 0;
    for (let seed = 1; seed <= 100; seed++) {
      await onMachine(seed, async (simulation) => {
        const machine = simulation.machine();
        const file = machine.disk.openSync('f', 'create');
        machine.disk.syncDirectorySync('');
        file.writevSync([bytes('gone?')], 0);
        machine.disk.failNext({ call: 'sync', path: 'f' });
        expect(() => file.syncSync()).to.throw('EIO');
        file.syncSync();
        machine.crash('power');
        if (readTextSync(machine.disk, 'f') !== 'gone?') lost++;
      });
    }
    expect(lost).to.be.within(20, 80);
  });

  it('fails what was planned, once, and runs full', async () => {
    await onMachine(1, async (simulation) => {
      const { disk } = simulation.machine();
      const file = disk.openSync('x.log', 'create');
      disk.failNext({ call: 'write', path: '.log', code: 'ENOSPC' });
      expect(() => file.writevSync([bytes('abc')], 0)).to.throw('ENOSPC');
      file.writevSync([bytes('abc')], 0);
      disk.failNext({ call: 'read' });
      expect(() => file.readSync(new Uint8Array(3), 0, 3, 0)).to.throw('EIO');
      disk.failNext({ call: 'open', path: 'other' });
      disk.openSync('x.log', 'read').closeSync();
      disk.capacityBytes = 5;
      expect(() => file.writevSync([bytes('defgh')], 3)).to.throw('ENOSPC');
      expect(readTextSync(disk, 'x.log')).to.equal('abcde');
      disk.failureChance.sync = 1;
      let refusal = '';
      await file.sync().catch((error) => (refusal = error.code));
      expect(refusal).to.equal('EIO');
    });
  });

  it('is dead after the crash, with its locks and timers', async () => {
    for (const mode of ['kill', 'power'] satisfies CrashMode[]) {
      await onMachine(2, async (simulation) => {
        const machine = simulation.machine();
        const before: Disk = machine.disk;
        await before.lock('.lock');
        let fired = false;
        machine.runtime.clock.schedule(1, () => (fired = true));
        machine.crash(mode);
        expect(() => before.existsSync('f')).to.throw('off');
        expect(await machine.disk.lock('.lock')).to.not.equal(undefined);
        await delay(simulation.clock, 10);
        expect(fired).to.equal(false);
      });
    }
  });
});

describe('The network in the process', () => {
  it('carries bytes both ways in order, in pieces, until both have ended', async () => {
    await onMachine(5, async (simulation) => {
      const { network } = simulation.machine();
      const heard = { server: '', client: '' };
      const buffer = Buffer.alloc(16);
      const events = (side: 'server' | 'client', onEnded: () => void, closed: () => void) => ({
        receiveBuffer: () => buffer,
        onReceived: (sizeBytes: number) => void (heard[side] += buffer.toString('latin1', 0, sizeBytes)),
        onDrained: () => undefined,
        onEnded,
        onClosed: closed,
      });
      const listener = await network.listen({ host: 'h', port: 0 }, (connection) =>
        events(
          'server',
          () => {
            connection.send([bytes('answer to '), bytes(heard.server)]);
            connection.end();
          },
          () => undefined,
        ),
      ); // prettier-ignore
      await new Promise<void>((resolve) => {
        const client = network.connect(listener.port, () => events('client', () => undefined, resolve));
        client.send([bytes('a question that is longer than a buffer')]);
        client.end();
      });
      expect(heard.client).to.equal('answer to a question that is longer than a buffer');
      await listener.close();
      expect(() =>
        network.connect(listener.port, () =>
          events(
            'client',
            () => undefined,
            () => undefined,
          ),
        ),
      ).to.throw('ECONNREFUSED'); // prettier-ignore
    });
  });
});
