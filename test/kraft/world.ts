// A virtual world for kraft tests: clock, random numbers from a seed, a disk in memory.
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { quickTurn } from '../quick-turn.ts';
import { SeededRandom, SimClock } from '../../src/runtime/sim/index.ts';
import { NodeUnderTest, type NodeOptions } from './node-under-test.ts';

export class World {
  readonly clock: SimClock;
  readonly random: SeededRandom;
  readonly disk: MemoryDisk;

  constructor(seed = 1, startMs = 1_795_255_743_892) {
    this.clock = new SimClock({ nextTurn: quickTurn, startMs });
    this.random = new SeededRandom(seed);
    this.disk = new MemoryDisk({ nowMs: () => this.clock.nowMs() });
    this.disk.makeDirectorySync('/data');
  }

  open(options: Partial<NodeOptions> = {}): Promise<NodeUnderTest> {
    const { disk, clock, random } = this;
    return this.run(NodeUnderTest.open({ disk, clock, random, logDirs: ['/data'], ...options }));
  }

  /** Runs what is due until the promise settles; virtual time passes only if it must. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    for (let turn = 0; turn < 100 && !isSettled; turn++) await this.clock.settle();
    return isSettled ? promise : this.clock.run(promise);
  }

  text(path: string): string {
    return Buffer.from(this.disk.readFileSync(path)).toString();
  }

  bytes(path: string): Buffer {
    return Buffer.from(this.disk.readFileSync(path));
  }
}

export async function rejected(promise: Promise<unknown>): Promise<Error & { code?: number; wireMessage?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}
