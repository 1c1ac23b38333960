// A broker in memory on a real socket, built so that faults show: receive buffers are poisoned when they are given back, and
// every log line is kept.
import { BrokerNode } from '../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../src/broker/configs/logger-levels.ts';
import { settingsOf, type SettingsInput } from '../../src/broker/configs/settings.ts';
import { CreateTopics } from '../../src/protocol/messages/19-create-topics.ts';
import type { Clock, Logger, LogFields, LogLevel } from '../../src/runtime/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { nodeDisk, nodeRuntime } from '../../src/runtime/node/index.ts';
import { Patience } from './patience.ts';
import { RawClient } from './raw-client.ts';

export interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export class LiveBroker {
  readonly node: BrokerNode;
  /** What was logged at `warn` and `error`. */
  readonly lines: Line[];

  private constructor(node: BrokerNode, lines: Line[]) {
    this.node = node;
    this.lines = lines;
  }

  static async start(config: NonNullable<SettingsInput['config']> = {}, clock?: Clock): Promise<LiveBroker> {
    const lines: Line[] = [];
    const logger: Logger = {
      log: (level, message, fields = {}) => {
        if (level === 'warn' || level === 'error') lines.push({ level, message, fields });
      },
      child: () => logger,
    };
    const runtime = nodeRuntime({ logger, ...(clock !== undefined && { clock }) });
    const disk = new MemoryDisk({ nowMs: () => runtime.clock.nowMs() });
    const settings = settingsOf({ memory: true, port: 0, config }, disk);
    const node = await BrokerNode.start({
      runtime: { ...runtime, disk },
      // Key stores are files of the machine.
      configDisk: nodeDisk,
      settings,
      loggers: new LoggerLevels(),
      poisonBuffers: true,
    });
    return new LiveBroker(node, lines);
  }

  get port(): number {
    return this.node.port;
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(this.node.port);
  }

  async createTopic(name: string, configs: Readonly<Record<string, string>> = {}, numPartitions = 1): Promise<string> {
    const client = await this.connect();
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const { topics } = await client.ask(CreateTopics, 7, {
      topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: entries }],
      timeoutMs: 5000,
      validateOnly: false,
    });
    client.destroy();
    const [topic] = topics;
    if (topic === undefined || topic.errorCode !== 0) throw new Error(`${name}: ${topic?.errorMessage}`);
    return topic.topicId;
  }

  close(): Promise<void> {
    return this.node.close();
  }
}

/** What takes longer than so many turns is looked for less often: the processor is there for other tests too. */
const BUSY_TURNS = 50;
const LOOK_MS = 2;

/** Waits until `holds`, looking again on every turn at first; fails after `limitMs` (patience.ts). */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, limitMs = 3000): Promise<void> {
  const patience = new Patience(limitMs, () => undefined);
  try {
    for (let turn = 0; !(await holds()); turn++) {
      if (patience.isOver) throw new Error(`not so after ${limitMs} ms: ${what}`);
      await new Promise<unknown>((resolve) =>
        turn < BUSY_TURNS ? setImmediate(resolve) : setTimeout(resolve, LOOK_MS),
      );
    }
  } finally {
    patience.stop();
  }
}
