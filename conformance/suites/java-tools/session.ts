// One step runs one tool or a few, as a user types them, and reads what they print. A JVM per tool: that is the tool.

import { type ChildProcess, spawn } from 'node:child_process';
import { that } from '../../suite.ts';
import type { RunningBroker } from '../../targets/target.ts';
import { describeEnd, type Finished } from '../../toolchain/exec.ts';
import { javaArguments, type KafkaJars, runTool, TOOL_FLAGS } from '../../toolchain/kafka-jars.ts';

export const TOOLS = 'org.apache.kafka.tools';
export const CONFIG_COMMAND = 'kafka.admin.ConfigCommand';
export const GROUP_COMMAND = `${TOOLS}.consumer.group.ConsumerGroupCommand`;

/** In order: later steps use what earlier ones made. */
export type Steps = Readonly<Record<string, (s: Session) => Promise<void>>>;

/** The first names the address in a way of its own; the second take it behind their subcommand, the others before. */
const OWN_ADDRESS = /TransactionalMessageCopier$/;
const ADDRESS_LAST = /(ClusterTool|ReplicaVerificationTool)$/;
const TOOL_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_MS = 30_000;

export class Session {
  readonly #jars: KafkaJars;
  readonly #broker: Pick<RunningBroker, 'bootstrap'>;
  readonly #controller: string;
  readonly #background = new Set<BackgroundTool>();
  readonly scratch: string;

  /** @param controller address of the controller listener; @param scratch a directory for the files that tools read. */
  constructor(jars: KafkaJars, broker: Pick<RunningBroker, 'bootstrap'>, controller: string, scratch: string) {
    this.#jars = jars;
    this.#broker = broker;
    this.#controller = controller;
    this.scratch = scratch;
  }

  get bootstrap(): string {
    return this.#broker.bootstrap;
  }

  /** All that the tool printed; throws when it failed. */
  async ok(main: string, args: readonly string[], input?: string): Promise<string> {
    return succeeded(await this.#run(main, args, input));
  }

  /** The tool has to say `message`. Some tools that fail end with status 0. */
  async refused(main: string, args: readonly string[], message: RegExp, input?: string): Promise<void> {
    expectMessage(await this.#run(main, args, input), message);
  }

  /** As `ok`, through the controller listener (KIP-919). */
  async viaController(main: string, args: readonly string[]): Promise<string> {
    return succeeded(await this.#runViaController(main, args));
  }

  /** As `refused`, through the controller listener. */
  async refusedByController(main: string, args: readonly string[], message: RegExp): Promise<void> {
    expectMessage(await this.#runViaController(main, args), message);
  }

  #runViaController(main: string, args: readonly string[]): Promise<Finished> {
    const address = ['--bootstrap-controller', this.#controller];
    return runTool(this.#jars, main, withAddress(main, args, address), { timeoutMs: TOOL_LIMIT_MS });
  }

  /** A tool that runs until it is stopped. */
  background(main: string, args: readonly string[]): BackgroundTool {
    const java = javaArguments(this.#jars, TOOL_FLAGS, main);
    const tool = new BackgroundTool(spawn('java', [...java, '--bootstrap-server', this.bootstrap, ...args]));
    this.#background.add(tool);
    return tool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#background].map((tool) => tool.stop()));
  }

  topics(...args: string[]): Promise<string> {
    return this.ok(`${TOOLS}.TopicCommand`, args);
  }

  configs(...args: string[]): Promise<string> {
    return this.ok(CONFIG_COMMAND, args);
  }

  groups(...args: string[]): Promise<string> {
    return this.ok(GROUP_COMMAND, args);
  }

  /** `topic:partition:offset` lines, sorted. */
  async offsets(...args: string[]): Promise<string[]> {
    return (await this.ok(`${TOOLS}.GetOffsetShell`, args)).trim().split('\n').sort();
  }

  produce(topic: string, lines: readonly string[], ...args: string[]): Promise<string> {
    const input = lines.map((line) => `${line}\n`).join('');
    return this.ok(`${TOOLS}.ConsoleProducer`, ['--topic', topic, ...args], input);
  }

  async consume(topic: string, partition: number, count: number, ...args: string[]): Promise<string[]> {
    const from = args.includes('--offset') ? [] : ['--offset', 'earliest'];
    return this.#consume(topic, count, ['--partition', String(partition), ...from, ...args]);
  }

  /** Through a group, from the beginning where it has no offsets. */
  async consumeAs(group: string, topic: string, count: number, ...args: string[]): Promise<string[]> {
    return this.#consume(topic, count, ['--group', group, '--from-beginning', ...args]);
  }

  async #consume(topic: string, count: number, args: readonly string[]): Promise<string[]> {
    const limits = ['--max-messages', String(count), '--timeout-ms', '20000'];
    const text = await this.ok(`${TOOLS}.consumer.ConsoleConsumer`, ['--topic', topic, ...limits, ...args]);
    return text.trimEnd().split('\n');
  }

  #run(main: string, args: readonly string[], input?: string): Promise<Finished> {
    const options = { timeoutMs: TOOL_LIMIT_MS, ...(input === undefined ? {} : { input }) };
    return runTool(this.#jars, main, withAddress(main, args, ['--bootstrap-server', this.bootstrap]), options);
  }
}

function withAddress(main: string, args: readonly string[], address: readonly string[]): string[] {
  if (OWN_ADDRESS.test(main)) return [...args];
  return ADDRESS_LAST.test(main) ? [...args, ...address] : [...address, ...args];
}

function succeeded(finished: Finished): string {
  that(finished.status === 0, describeEnd(finished));
  return finished.stdout;
}

function expectMessage(finished: Finished, message: RegExp): void {
  that(message.test(finished.stdout + finished.stderr), `no ${message} in ${describeEnd(finished)}`);
}

export class BackgroundTool {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #output = '';
  #look: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    const keep = (text: string): void => {
      this.#output += text;
      this.#look();
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** Waits until the output so far matches; throws with its end when it does not in half a minute. */
  printed(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`no ${pattern} in ${this.#output.slice(-1_000)}`));
      const timer = setTimeout(fail, OUTPUT_LIMIT_MS);
      this.#look = () => {
        if (!pattern.test(this.#output)) return;
        clearTimeout(timer);
        resolve(this.#output);
      };
      this.#look();
    });
  }

  /** SIGTERM: a consumer leaves its group. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), OUTPUT_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** The rows of a tool's table below the line that starts with `first`: a cell stands where the name above it stands. */
export function rowsOf(text: string, first = 'GROUP'): Record<string, string>[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const head = lines.findIndex((line) => line.startsWith(first));
  that(head >= 0, `no table in ${text.slice(0, 400)}`);
  const names = [...(lines[head] ?? '').matchAll(/\S+(?: \(ID\))?/g)];
  const rows = lines.slice(head + 1).filter((line) => !line.startsWith(first));
  return rows.map((line) => {
    const cells = names.map(({ 0: name, index }, i) => [name, line.slice(index, names[i + 1]?.index).trim()] as const);
    return Object.fromEntries(cells);
  });
}
