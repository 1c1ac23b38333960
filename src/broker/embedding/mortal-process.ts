// A node of a cluster in one process, as a process of its own would be: what it sees of the world can be taken away at once, as a
// kill -9 does it. Timers do not fire any more, sockets are reset, files stay as they are.
import { type Clock, type Logger, Metrics, type Runtime, type Timer } from '../../runtime/index.ts';
import { type ClusterLinks, NodeNetwork } from './cluster-links.ts';
import { MortalDisk } from './mortal-disk.ts';

export class MortalProcess {
  readonly runtime: Runtime;
  readonly #disk: MortalDisk;
  readonly #network: NodeNetwork;
  #isDead = false;

  constructor(nodeId: number, world: Runtime, links: ClusterLinks) {
    this.#disk = new MortalDisk(world.disk);
    this.#network = new NodeNetwork(nodeId, world.network, links);
    this.runtime = {
      clock: this.#mortalClock(world.clock),
      random: world.random,
      disk: this.#disk,
      network: this.#network,
      logger: this.#mortalLogger(world.logger),
      metrics: new Metrics(),
      ...(world.readUrl !== undefined && { readUrl: world.readUrl }),
      ...(world.stayAwake !== undefined && { stayAwake: world.stayAwake }),
    };
  }

  /** Resolves when nothing of it is left: its ports are free, and another process can have its files. */
  async kill(): Promise<void> {
    this.#isDead = true;
    await Promise.all([this.#network.kill(), this.#disk.kill()]);
  }

  #mortalClock(clock: Clock): Clock {
    const unlessDead = (action: () => void) => (): void => {
      if (!this.#isDead) action();
    };
    return {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      schedule: (delayMs, action): Timer => clock.schedule(delayMs, unlessDead(action)),
      endOfTurn: (action) => clock.endOfTurn(unlessDead(action)),
    };
  }

  #mortalLogger(logger: Logger): Logger {
    return {
      log: (level, message, fields) => {
        if (!this.#isDead) logger.log(level, message, fields);
      },
      child: (component) => this.#mortalLogger(logger.child(component)),
    };
  }
}
