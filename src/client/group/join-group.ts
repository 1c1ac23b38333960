// By which protocol a consumer holds its place in a group: KIP-848 where the cluster has it and nothing speaks against it, else the
// classic one.
import type { ClusterClient } from '../connections/cluster-client.ts';
import type { Assignor } from './assignors/assignor.ts';
import { assignorNamed } from './assignors/index.ts';
import { ClassicMember } from './classic-member.ts';
import { ConsumerMember } from './consumer-member.ts';
import type { GroupOptions, Membership, MembershipHost } from './membership.ts';
import type { Subscription } from './subscription.ts';

export interface JoinSettings {
  readonly group: string | undefined;
  readonly groupProtocol: 'auto' | 'classic' | 'consumer';
  readonly assignors: readonly (string | Assignor)[] | undefined;
  readonly remoteAssignor: string | null;
  readonly groupInstanceId: string | null;
  readonly rack: string;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
}

/** A membership that comes to be when the protocol is chosen. */
export interface Joining {
  readonly membership: Membership | undefined;
  end(isForGood: boolean): Promise<void>;
}

const FEATURE = 'group.version';
/** Kafka's default: range leads, and a group can be changed over to cooperative-sticky by a rolling restart. */
const DEFAULT_ASSIGNORS = ['range', 'cooperative-sticky'];

export function joinGroup(
  client: ClusterClient,
  settings: JoinSettings,
  subscription: Subscription,
  host: MembershipHost,
): Joining {
  return new JoiningGroup(client, settings, subscription, host);
}

class JoiningGroup implements Joining {
  membership: Membership | undefined;
  readonly #client: ClusterClient;
  readonly #settings: JoinSettings;
  readonly #subscription: Subscription;
  readonly #host: MembershipHost;
  readonly #options: GroupOptions;
  #isOver = false;

  constructor(client: ClusterClient, settings: JoinSettings, subscription: Subscription, host: MembershipHost) {
    this.#client = client;
    this.#settings = settings;
    this.#subscription = subscription;
    this.#host = host;
    this.#options = {
      groupId: settings.group as string,
      groupInstanceId: settings.groupInstanceId,
      rack: settings.rack,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      heartbeatIntervalMs: settings.heartbeatIntervalMs,
      rebalanceTimeoutMs: settings.maxPollIntervalMs,
    };
    this.#choose().catch((error: unknown) => host.fault(error));
  }

  async end(isForGood: boolean): Promise<void> {
    this.#isOver = true;
    await this.membership?.leave(isForGood);
  }

  async #choose(): Promise<void> {
    const { groupProtocol, assignors } = this.#settings;
    const isAuto = groupProtocol === 'auto';
    const isModern = isAuto ? assignors === undefined && (await this.#hasModernGroups()) : groupProtocol === 'consumer';
    if (this.#isOver) return;
    if (isModern) this.#begin(this.#modern(isAuto));
    else this.#begin(this.#classic());
  }

  #begin(membership: Membership): void {
    if (this.#isOver) return;
    this.membership = membership;
    membership.start();
  }

  /** Rejects with KafkaError when no broker answers. */
  async #hasModernGroups(): Promise<boolean> {
    return (await this.#client.featureLevel(FEATURE)) >= 1;
  }

  #modern(isAuto: boolean): Membership {
    const refused = isAuto ? () => this.#begin(this.#classic()) : undefined;
    const { remoteAssignor } = this.#settings;
    return new ConsumerMember(
      this.#client,
      { ...this.#options, remoteAssignor, refused },
      this.#subscription,
      this.#host,
    );
  }

  #classic(): Membership {
    const names = this.#settings.assignors ?? DEFAULT_ASSIGNORS;
    const assignors = names.map((one) => (typeof one === 'string' ? assignorNamed(one) : one));
    return new ClassicMember(this.#client, { ...this.#options, assignors }, this.#subscription, this.#host);
  }
}
