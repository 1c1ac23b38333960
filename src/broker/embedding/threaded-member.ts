// A node of a cluster that runs in a worker thread of its own: what is asked of it is passed on. A shard is a broker: clients reach
// each on its own port, and no request crosses threads. Loaded when a cluster is to have threads.
import type { Logger, Runtime, Thread } from '../../runtime/index.ts';
import { StartError } from '../configs/start-error.ts';
import type { ClusterNode, ClusterOptions } from './cluster.ts';
import type { Broker } from './embedding.ts';
import type { Knowledge, Member, MemberPlan, PartitionState, Wires } from './member.ts';
import type {
  CopiedOptions,
  MemberAnswer,
  MemberGlance,
  MemberNews,
  MemberPlace,
  MemberQuestion,
  MemberThreadData,
} from './member-service.ts';
import { memberThreadFile } from './member-thread-file.ts';

/** What a caller hands over that no thread can be given. */
const NOT_COPIED = ['clock', 'onRequest', 'history'] as const;

/** Throws StartError for options that threads do not go with. */
export function threadsFor(runtime: Runtime, options: ClusterOptions) {
  const alien = NOT_COPIED.find((name) => options[name] !== undefined && options[name] !== false);
  if (alien !== undefined) {
    throw new StartError(`threads and ${alien} exclude each other: it cannot be handed to another thread`);
  }
  const members: ThreadedMember[] = [];
  const links: Wires = {
    partition: (groups, nodes) => members.forEach((member) => member.see({ see: 'cut', groups, nodes })),
    heal: () => members.forEach((member) => member.see({ see: 'heal' })),
  };
  const listen = async (plan: MemberPlan): Promise<Member> => {
    const member = await ThreadedMember.listen(plan, runtime.logger, options);
    members.push(member);
    return member;
  };
  return { listen, links };
}

class ThreadedMember implements Member {
  readonly #plan: MemberPlan;
  readonly #loggers: Map<string, Logger>;
  readonly #options: ClusterOptions;
  /** undefined: it has ended. */
  #thread: Thread | undefined;
  #place: MemberPlace | undefined;
  #configured: Extract<MemberQuestion, { do: 'configure' }> | undefined;
  #isRunning = false;

  private constructor(plan: MemberPlan, logger: Logger, options: ClusterOptions) {
    this.#plan = plan;
    this.#loggers = new Map([['', logger]]);
    this.#options = options;
  }

  /** Rejects with StartError. */
  static async listen(plan: MemberPlan, logger: Logger, options: ClusterOptions): Promise<ThreadedMember> {
    const member = new ThreadedMember(plan, logger, options);
    try {
      await member.#listen();
      return member;
    } catch (error) {
      await member.#end();
      throw error;
    }
  }

  get id(): number {
    return this.#plan.id;
  }
  get roles(): ClusterNode['roles'] {
    return this.#plan.roles;
  }
  get broker(): Broker {
    throw new Error(
      `node ${this.id} runs in a thread of its own: only a cluster without threads lets one look into it`,
    );
  }
  get isRunning(): boolean {
    return this.#isRunning;
  }
  get host(): string {
    return this.#at.host;
  }
  get port(): number {
    return this.#at.port;
  }
  get controllerPort(): number {
    return this.#at.controllerPort;
  }
  get ports(): readonly number[] {
    return this.#at.ports;
  }
  get dataDir(): string {
    return this.#at.dataDir;
  }
  get durability(): MemberPlace['durability'] {
    return this.#at.durability;
  }
  get warnings(): readonly string[] {
    return this.#at.warnings;
  }
  get knows(): Knowledge | undefined {
    return this.#isRunning ? (this.see({ see: 'knows' }) as Knowledge | undefined) : undefined;
  }
  partition(topic: string, partition: number): PartitionState | undefined {
    return this.see({ see: 'partition', topic, partition }) as PartitionState | undefined;
  }

  /** undefined of a thread that has ended. */
  see(glance: MemberGlance): unknown {
    return this.#thread?.askNow(glance);
  }

  async configure(config: Readonly<Record<string, string>>, ports: ReadonlyMap<number, number>): Promise<void> {
    this.#configured = { do: 'configure', config, ports };
    await this.#ask(this.#configured);
  }
  async start(): Promise<void> {
    if (this.#thread === undefined) await this.#listenAgain();
    await this.#ask({ do: 'start' });
    this.#isRunning = true;
  }
  async stop(): Promise<void> {
    this.#isRunning = false;
    if (this.#thread !== undefined) await this.#ask({ do: 'stop' });
  }
  async close(): Promise<void> {
    this.#isRunning = false;
    try {
      if (this.#thread !== undefined) await this.#ask({ do: 'close' });
    } finally {
      await this.#end();
    }
  }
  async kill(): Promise<void> {
    this.#isRunning = false;
    if (this.#thread !== undefined) await this.#ask({ do: 'kill' });
  }
  async prepare(): Promise<void> {
    await this.#ask({ do: 'prepare' });
  }
  async reassign(topic: string, partition: number, replicas: readonly number[]): Promise<void> {
    await this.#ask({ do: 'reassign', topic, partition, replicas });
  }
  async elect(topic: string, partition: number): Promise<void> {
    await this.#ask({ do: 'elect', topic, partition });
  }

  get #at(): MemberPlace {
    return this.#place as MemberPlace;
  }

  async #listen(plan = this.#plan): Promise<void> {
    const data: MemberThreadData = {
      plan,
      options: copied(this.#options),
      isSilent: this.#options.logger === undefined || this.#options.logger === false,
    };
    // Who has no threads need not load what makes them.
    const { NodeThread } = await import('../../runtime/node/thread.ts');
    this.#thread = new NodeThread({
      entry: memberThreadFile(),
      data,
      onTold: (news) => this.#hear(news as MemberNews),
      onDied: (error) => this.#died(error),
    });
    this.#place = (await this.#ask({ do: 'listen' })) as MemberPlace;
  }

  /** A thread that has failed is followed by another, on the same ports. What was in memory is gone with it. */
  async #listenAgain(): Promise<void> {
    const { input } = this.#plan;
    if (input.memory === true || this.#configured === undefined) {
      throw new Error(`node ${this.id} had its records in the memory of a thread that has ended`);
    }
    const listeners = [...this.#at.ports];
    const config = {
      ...input.config,
      listeners: String(input.config?.['listeners'])
        .split(',')
        .map((listener) => listener.replace(/:\d+$/, `:${listeners.shift()}`))
        .join(','),
    };
    await this.#listen({ ...this.#plan, input: { ...input, config } });
    await this.#ask(this.#configured);
  }

  async #ask(question: MemberQuestion): Promise<unknown> {
    if (this.#thread === undefined) throw new Error(`the thread of node ${this.id} has ended`);
    const answer = (await this.#thread.ask(question)) as MemberAnswer;
    if ('done' in answer) return answer.done;
    const { message, code } = answer.refused;
    throw new StartError(message, code === undefined ? undefined : Object.assign(new Error(message), { code }));
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.end();
  }

  #died(error: Error): void {
    this.#thread = undefined;
    this.#isRunning = false;
    this.#loggerOf([]).log('error', `the thread of node ${this.id} has ended`, { error: error.stack ?? error.message });
    this.#options.onFailure?.(new Error(`the thread of node ${this.id} has ended: ${error.message}`, { cause: error }));
  }

  #hear(news: MemberNews): void {
    if ('failure' in news) {
      this.#isRunning = false;
      this.#options.onFailure?.(new Error(news.failure));
    } else this.#loggerOf(news.components).log(news.level, news.message, news.fields);
  }

  #loggerOf(components: readonly string[]): Logger {
    const key = components.join('/');
    const known = this.#loggers.get(key);
    if (known !== undefined) return known;
    const made = this.#loggerOf(components.slice(0, -1)).child(components.at(-1) as string);
    this.#loggers.set(key, made);
    return made;
  }
}

function copied(options: ClusterOptions): CopiedOptions {
  const { clock: _c, logger: _l, onWarning: _w, onFailure: _f, onRequest: _r, history: _h, ...rest } = options;
  return rest;
}
