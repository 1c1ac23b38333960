// `ottla dev`: a broker and a schema registry for a laptop or a test: in memory, topics made as they are named, everything forgotten at
// the end. What starts the broker is handed in: the tools know a broker by its address only.
import { singleCommand, type Work, wholeNumber } from '../own/command-frame.ts';
import { Failure } from '../own/failure.ts';

export interface DevBroker {
  readonly bootstrapServers: string;
  readonly registryUrl: string | undefined;
  close(): Promise<void>;
}

/** Of startBroker. */
export interface DevSettings {
  readonly port: number;
  readonly memory: boolean;
  readonly dataDir?: string;
  readonly registry: false | { readonly port: number };
  readonly topics: Readonly<Record<string, number>>;
  readonly config: Readonly<Record<string, string>>;
}

/** Rejects with an Error whose message is one line for the user. */
export type StartDevBroker = (settings: DevSettings) => Promise<DevBroker>;

interface DevOptions {
  readonly port: number;
  readonly registryPort: number;
  readonly registry: boolean;
  readonly topic?: readonly string[];
  readonly data?: string;
}

export const dev = (start: StartDevBroker) =>
  singleCommand({
    usage: 'dev',
    summary: 'run a broker and a schema registry that forget all when they stop',
    flags: [
      ['--port <port>', 'of the broker; 0 picks a free one', { default: 9092, parse: wholeNumber(0) }],
      ['--registry-port <port>', 'of the registry; 0 picks a free one', { default: 8081, parse: wholeNumber(0) }],
      ['--no-registry', 'the broker alone'],
      ['-t, --topic <name:partitions>', 'make this topic; repeatable', { isList: true }],
      ['--data <dir>', 'keep topics in this directory in place of forgetting them'],
    ],
    work: async () => runDev(start),
  });

const runDev =
  (start: StartDevBroker): Work<DevOptions> =>
  async ({ io, output }, _, options) => {
    const { port, registryPort, registry, data, topic = [] } = options;
    const broker = await start({
      port,
      memory: data === undefined,
      ...(data !== undefined && { dataDir: data }),
      registry: registry && { port: registryPort },
      topics: Object.fromEntries(topic.map(topicOf)),
      config: { 'auto.create.topics.enable': 'true' },
    });
    try {
      const { bootstrapServers, registryUrl } = broker;
      if (output.isText) output.text(screenOf(broker, data));
      else output.data({ event: 'listening', bootstrapServers, registryUrl });
      await new Promise<void>((resolve) => {
        if (io.signal.aborted) resolve();
        io.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await broker.close();
    }
  };

function topicOf(text: string): [string, number] {
  const [name = '', partitions = '1'] = text.split(':');
  if (name === '' || !/^[1-9]\d*$/.test(partitions))
    throw new Failure(`--topic ${text} is not NAME or NAME:PARTITIONS`);
  return [name, Number(partitions)];
}

function screenOf({ bootstrapServers, registryUrl }: DevBroker, data: string | undefined): string {
  const rows = [
    ['Broker', bootstrapServers],
    ...(registryUrl === undefined ? [] : [['Registry', registryUrl]]),
    ['Data', data ?? 'in memory: all is gone when this stops'],
    ['Write', `echo hello | ottla producer greetings --brokers ${bootstrapServers}`],
    ['Read', `ottla consumer greetings --from-beginning --brokers ${bootstrapServers}`],
    ['Look', `ottla topic list --brokers ${bootstrapServers}`],
  ];
  const lines = rows.map(([name = '', text = '']) => `  ${name.padEnd(10)}${text}\n`);
  return `\n${lines.join('')}\n  Ctrl+C stops it.\n\n`;
}
