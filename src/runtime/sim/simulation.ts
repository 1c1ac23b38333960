// A world on a seed: virtual clock, machines with a disk and a network that can crash and start again, and the links
// between them. What runs in it runs the same way for the same seed, and a failure names the seed.
import { assert } from '../assert.ts';
import type { Logger } from '../logger.ts';
import { silentLogger } from '../logger.ts';
import { Metrics } from '../metrics.ts';
import type { Random } from '../random.ts';
import type { Rare } from '../rare.ts';
import type { Runtime } from '../runtime.ts';
import { SimClock, SimProcessClock, type WallClock } from './clock.ts';
import { type CrashMode, SimDisk } from './disk.ts';
import { SimLinks } from './links.ts';
import { SimNetwork } from './network.ts';
import { SeededRandom } from './random.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Resolves when the promises that are ready have run: `nextTurn` of runtime/node. */
  readonly nextTurn: () => Promise<void>;
  /** Wall clock at the start, milliseconds since the epoch. */
  readonly startMs?: number;
  readonly logger?: Logger;
  /** Told of every change of a disk, for comparing runs. */
  readonly trace?: (line: string) => void;
  /** Told of every event that has run: when it was due, and its place in the order of asking. */
  readonly happened?: (atMs: number, order: number) => void;
  readonly rare?: Rare;
}

export class Simulation {
  readonly seed: number;
  readonly clock: SimClock;
  /** For the test itself: what it does next. */
  readonly random: Random;
  /** Between the machines, by their names: to be cut, slowed and healed. */
  readonly links = new SimLinks();
  readonly #options: SimulationOptions;
  readonly #names = new Set<string>();

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.clock = new SimClock(options);
    this.random = new SeededRandom(options.seed, 'test');
    this.#options = options;
  }

  /** Others reach it by its name, which no other machine has. */
  machine(name = 'machine'): SimMachine {
    assert(!this.#names.has(name), `there is a machine ${name} already`);
    this.#names.add(name);
    return new SimMachine({ clock: this.clock, links: this.links, options: this.#options, name });
  }
}

/** A computer. `runtime` is what its present process sees; it changes with every crash. */
export class SimMachine {
  readonly name: string;
  readonly #clock: SimClock;
  readonly #links: SimLinks;
  readonly #options: SimulationOptions;
  readonly #random: Random;
  /** It goes wrong across crashes, too. */
  readonly wall: WallClock = { skewMs: 0 };
  #process: { clock: SimProcessClock; disk: SimDisk; network: SimNetwork };

  constructor(parts: { clock: SimClock; links: SimLinks; options: SimulationOptions; name: string }) {
    const { clock, options, name } = parts;
    this.name = name;
    this.#clock = clock;
    this.#links = parts.links;
    this.#options = options;
    this.#random = new SeededRandom(options.seed, name);
    const process = new SimProcessClock(clock, this.wall);
    const { trace } = options;
    const disk = new SimDisk({ clock: process, random: this.#random, ...(trace !== undefined && { trace }) });
    this.#process = { clock: process, disk, network: this.#network(process) };
  }

  /** Of the present process: held up, or made slow. */
  get clock(): SimProcessClock {
    return this.#process.clock;
  }

  get disk(): SimDisk {
    return this.#process.disk;
  }

  get network(): SimNetwork {
    return this.#process.network;
  }

  get runtime(): Runtime {
    const { clock, disk, network } = this.#process;
    const { logger = silentLogger, rare } = this.#options;
    const metrics = new Metrics();
    return { clock, disk, network, random: this.#random, logger, metrics, ...(rare !== undefined && { rare }) };
  }

  /** The process ends at once (`kill`), or the machine loses power; the next `runtime` finds what is left. */
  crash(mode: CrashMode): void {
    const old = this.#process;
    old.clock.stop();
    old.network.crash(mode);
    const clock = new SimProcessClock(this.#clock, this.wall);
    this.#process = { clock, disk: old.disk.crash(mode, clock), network: this.#network(clock, mode === 'power') };
  }

  #network(pace: SimProcessClock, isOff = false): SimNetwork {
    const { name } = this;
    return new SimNetwork({ clock: this.#clock, pace, isOff, random: this.#random, links: this.#links, name });
  }
}

/** Runs `body` in a world of its own. What it throws comes back with the seed in front. */
export async function simulate<T>(
  options: SimulationOptions,
  body: (simulation: Simulation) => Promise<T>,
): Promise<T> {
  const simulation = new Simulation(options);
  try {
    return await simulation.clock.run(body(simulation));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new Error(`simulation with seed ${options.seed}: ${detail}`, { cause: error });
  }
}
