// Which of the registries writes: they are members of one Kafka group, and the member that leads the group names the one with the
// smallest URL. Anybody who speaks Confluent's protocol takes part. Confluent's KafkaGroupLeaderElector and SchemaRegistryCoordinator.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { JoinGroup } from '../../protocol/messages/11-join-group.ts';
import { Heartbeat } from '../../protocol/messages/12-heartbeat.ts';
import { LeaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { SyncGroup } from '../../protocol/messages/14-sync-group.ts';
import type { Logger, Timer } from '../../runtime/index.ts';
import { DUPLICATE_URLS, type Identity, identityFrom, identityText, leaderAmong, leaderIn, urlOf } from './identity.ts';
import type { Kernel } from './kernel.ts';

export interface LeaderGroupOptions {
  readonly client: Kernel;
  readonly groupId: string;
  readonly identity: Identity;
  readonly logger: Logger;
  /** Told who leads from now on; undefined: nobody is known to. */
  readonly changed: (leader: Identity | undefined) => void;
}

const PROTOCOL_TYPE = 'sr';
const PROTOCOL = 'v0';
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 300_000;
const HEARTBEAT_INTERVAL_MS = 3_000;
const JOIN_SLACK_MS = 5_000;
/** LeaveGroup names several members from this version on (KIP-345). */
const SEVERAL_MEMBERS = 3;

interface Place {
  readonly memberId: string;
  readonly generationId: number;
}

export class LeaderGroup {
  readonly #options: LeaderGroupOptions;
  readonly #client: Kernel;
  #memberId = '';
  #isClosed = false;
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(options: LeaderGroupOptions) {
    this.#options = options;
    this.#client = options.client.apart();
  }

  /** Joins, and goes on as long as it is not closed. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Leaves, so that others need not wait for the session to run out. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    const { groupId } = this.#options;
    if (this.#memberId !== '') {
      const memberId = this.#memberId;
      await this.#client
        .askCoordinator('group', groupId, LeaveGroup, (version) =>
          version < SEVERAL_MEMBERS ? { groupId, memberId } : { groupId, members: [{ memberId }] },
        )
        .catch((error: unknown) => this.#tell('left the group without an answer', error));
    }
    await this.#client.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isClosed; ) {
      try {
        const place = await this.#join();
        failures = 0;
        await this.#stay(place);
      } catch (error) {
        const code = error instanceof KafkaError ? error.code : Errors.UNKNOWN_SERVER_ERROR;
        this.#forget(code);
        if (code === Errors.MEMBER_ID_REQUIRED || this.#isClosed) continue;
        // Once for a row of failures: it goes on trying for as long as it lives.
        if (code !== Errors.REBALANCE_IN_PROGRESS && failures === 0)
          this.#tell('joining the group of the registries', error);
        await this.#client.pause(++failures);
      }
      if (!this.#isClosed) this.#options.changed(undefined);
    }
  }

  async #join(): Promise<Place> {
    const { groupId, identity, changed } = this.#options;
    const metadata = Buffer.from(identityText(identity));
    const joined = await this.#client.askCoordinator(
      'group',
      groupId,
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
        memberId: this.#memberId,
        protocolType: PROTOCOL_TYPE,
        protocols: [{ name: PROTOCOL, metadata }],
      },
      { timeoutMs: REBALANCE_TIMEOUT_MS + JOIN_SLACK_MS },
    );
    if (joined.errorCode === Errors.MEMBER_ID_REQUIRED) this.#memberId = joined.memberId;
    this.#check(joined.errorCode);
    const { memberId, generationId, leader, members } = joined;
    this.#memberId = memberId;
    const found = members.map((one) => ({ memberId: one.memberId, identity: identityFrom(text(one.metadata)) }));
    const assignment = Buffer.from(leaderAmong(found));
    const synced = await this.#client.askCoordinator(
      'group',
      groupId,
      SyncGroup,
      {
        groupId,
        generationId,
        memberId,
        protocolType: PROTOCOL_TYPE,
        protocolName: PROTOCOL,
        assignments: leader === memberId ? members.map((one) => ({ memberId: one.memberId, assignment })) : [],
      },
      { timeoutMs: REBALANCE_TIMEOUT_MS + JOIN_SLACK_MS },
    );
    this.#check(synced.errorCode);
    const told = leaderIn(text(synced.assignment));
    if (told.error === DUPLICATE_URLS) {
      this.#options.logger.log(
        'error',
        'Several registries of the group say that they are at one URL: give each its own host',
        {
          url: urlOf(identity),
        },
      );
    }
    changed(told.error === 0 ? told.leader : undefined);
    return { memberId, generationId };
  }

  /** Until the group is divided anew. */
  async #stay({ memberId, generationId }: Place): Promise<void> {
    const { groupId } = this.#options;
    for (let missedMs = 0; !this.#isClosed; ) {
      await this.#sleep(HEARTBEAT_INTERVAL_MS);
      if (this.#isClosed) return;
      try {
        const request = { groupId, generationId, memberId };
        const { errorCode } = await this.#client.askCoordinator('group', groupId, Heartbeat, request);
        this.#check(errorCode);
        missedMs = 0;
      } catch (error) {
        if (!(error instanceof KafkaError) || isEnd(error.code)) throw error;
        missedMs += HEARTBEAT_INTERVAL_MS;
        // Whoever has not been heard for that long is out, and somebody else may write.
        if (missedMs >= SESSION_TIMEOUT_MS) throw error;
      }
    }
  }

  /** Shorter when it is closed. */
  #sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = this.#client.clock.schedule(durationMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #check(code: number): void {
    if (code === Errors.NOT_COORDINATOR || code === Errors.COORDINATOR_NOT_AVAILABLE) {
      this.#client.forgetCoordinator('group', this.#options.groupId);
    }
    if (code !== Errors.NONE) throw new KafkaError(code as ErrorCode);
  }

  #forget(code: ErrorCode): void {
    if (code === Errors.UNKNOWN_MEMBER_ID || code === Errors.FENCED_INSTANCE_ID) this.#memberId = '';
  }

  #tell(what: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#options.logger.log('warn', `The registry has trouble ${what}`, { error: message });
  }
}

/** The place in the group is lost. */
function isEnd(code: ErrorCode): boolean {
  return (
    code === Errors.REBALANCE_IN_PROGRESS ||
    code === Errors.UNKNOWN_MEMBER_ID ||
    code === Errors.ILLEGAL_GENERATION ||
    code === Errors.FENCED_INSTANCE_ID
  );
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
