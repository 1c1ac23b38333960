// The thread of a node: what runs in it is a member like any other (cluster-member.ts); who asks it sits in another thread.
import { type Logger, silentLogger, type ThreadService } from '../../runtime/index.ts';
import { nodeRuntime } from '../../runtime/node/index.ts';
import { StartError } from '../configs/start-error.ts';
import { ClusterLinks } from './cluster-links.ts';
import { ClusterMember } from './cluster-member.ts';
import type {
  MemberAnswer,
  MemberGlance,
  MemberNews,
  MemberPlace,
  MemberQuestion,
  MemberThreadData,
} from './member-service.ts';
import { explained } from './refusals.ts';

type Tell = (news: MemberNews) => void;

class MemberThread implements ThreadService {
  readonly #data: MemberThreadData;
  readonly #tell: Tell;
  readonly #links = new ClusterLinks();
  #member: ClusterMember | undefined;

  constructor(data: MemberThreadData, tell: Tell) {
    this.#data = data;
    this.#tell = tell;
  }

  async ask(question: unknown): Promise<MemberAnswer> {
    try {
      return { done: await this.#do(question as MemberQuestion) };
    } catch (error) {
      const reason = explained(error);
      if (!(reason instanceof StartError)) throw reason;
      return { refused: { message: reason.message, code: reason.code } };
    }
  }

  askNow(question: unknown): unknown {
    const glance = question as MemberGlance;
    switch (glance.see) {
      case 'knows':
        return this.#member?.knows;
      case 'partition': {
        const found = this.#member?.partition(glance.topic, glance.partition);
        return found && { leader: found.leader, replicas: found.replicas, isr: found.isr };
      }
      case 'cut':
        return this.#links.partition(glance.groups, glance.nodes);
      case 'heal':
        return this.#links.heal();
    }
  }

  async #do(question: MemberQuestion): Promise<unknown> {
    if (question.do === 'listen') return this.#listen();
    const member = this.#member as ClusterMember;
    switch (question.do) {
      case 'configure':
        return member.configure(question.config, question.ports);
      case 'reassign':
        return member.reassign(question.topic, question.partition, question.replicas);
      case 'elect':
        return member.elect(question.topic, question.partition);
      default:
        return member[question.do]();
    }
  }

  async #listen(): Promise<MemberPlace> {
    const { plan, options, isSilent } = this.#data;
    const runtime = nodeRuntime({ logger: isSilent ? silentLogger : tellingLogger(this.#tell) });
    const onFailure = (error: Error): void => this.#tell({ failure: error.message });
    const member = await ClusterMember.listen(plan, {
      runtime,
      links: this.#links,
      options: { ...options, onFailure },
    });
    this.#member = member;
    const { host, port, controllerPort, ports, dataDir, durability, warnings } = member;
    return { host, port, controllerPort, ports, dataDir, durability, warnings };
  }
}

/** Lines go to the logger of the thread that has started this one. */
function tellingLogger(tell: Tell, components: readonly string[] = []): Logger {
  return {
    log: (level, message, fields) => tell({ level, message, fields, components }),
    child: (component) => tellingLogger(tell, [...components, component]),
  };
}

// CommonJS has no await here.
void import('../../runtime/node/thread.ts').then(({ serveThread }) =>
  serveThread((data, tell) => new MemberThread(data as MemberThreadData, tell)),
);
