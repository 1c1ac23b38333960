// Changes of the voters, one at a time and by one voter each (KIP-853; Kafka: AddVoterHandler, RemoveVoterHandler,
// UpdateVoterHandler). A new set counts as soon as it is in the log of the leader; who asked is told when it is committed.
import { type ErrorCode, errorMessage, errorName, Errors } from '../../protocol/index.ts';
import type { LeaderState } from './leader-state.ts';
import type { AddVoterAsk, LevelsAnswer, RemoveVoterAsk, UpdateVoterAsk } from './peer-messages.ts';
import type { RaftContext } from './raft-context.ts';
import { isMeant, type ReplicaKey } from './replica-key.ts';
import { type Voter, VoterSet } from './voter-set.ts';

/** Who has not been caught up for so long may not become a voter: the quorum would wait for it. */
const CAUGHT_UP_MS = 3_600_000;

interface Change {
  readonly operation: number;
  readonly kind: 'add' | 'remove' | 'update';
  readonly voter: Voter;
  readonly deadlineMs: number;
  readonly ackWhenCommitted: boolean;
  /** Where the new set stands; undefined: the new voter is still asked whether it is up to it. */
  offset: number | undefined;
}

/** As Kafka prints a ReplicaKey in its messages. */
const named = ({ id, directoryId }: ReplicaKey): string => `ReplicaKey(id=${id}, directoryId=${directoryId})`;
const allNamed = ({ voters }: VoterSet): string => `[${voters.map(named).join(', ')}]`;

export class VoterChanges {
  readonly #context: RaftContext;
  #pending: Change | undefined;

  constructor(context: RaftContext) {
    this.#context = context;
  }

  get deadlineMs(): number {
    return this.#pending?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  add(operation: number, ask: AddVoterAsk, now: number): void {
    const leader = this.#leaderFor(operation);
    if (leader === undefined || this.#isRefused(operation, leader, 'adding')) return;
    const { voters, outbox } = this.#context;
    if (voters.get(ask.voter.id) !== undefined) {
      const text = `The voter id for ${named(ask.voter)} is already part of the set of voters ${allNamed(voters)}.`;
      return this.#finish(operation, Errors.DUPLICATE_VOTER, text);
    }
    const address = ask.endpoints.find(({ name }) => name === this.#listenerName) ?? ask.endpoints[0];
    if (address === undefined)
      return this.#finish(operation, Errors.INVALID_REQUEST, 'Add voter request without a listener');
    const voter = { ...ask.voter, endpoints: ask.endpoints, minKraftVersion: 0, maxKraftVersion: 0 };
    const deadlineMs = now + ask.timeoutMs;
    this.#pending = {
      operation,
      kind: 'add',
      voter,
      deadlineMs,
      ackWhenCommitted: ask.ackWhenCommitted,
      offset: undefined,
    };
    if (outbox.readyMs(voter.id) > now) {
      return this.#end(Errors.REQUEST_TIMED_OUT, `New voter ${named(voter)} is not ready to receive requests`);
    }
    this.#context.send({ id: voter.id, address }, { kind: 'levels' }, now);
  }

  /** The new voter has told what it supports; undefined: it did not answer. */
  takeLevels(answer: LevelsAnswer | undefined, from: number, now: number): void {
    const { state, history } = this.#context;
    const change = this.#pending;
    if (change?.kind !== 'add' || change.offset !== undefined || change.voter.id !== from || state.name !== 'leader')
      return;
    const errorCode = answer?.errorCode ?? Errors.REQUEST_TIMED_OUT;
    if (errorCode !== Errors.NONE) {
      const reason = `API_VERSIONS returned an error ${errorName(errorCode)}`;
      return this.#end(Errors.REQUEST_TIMED_OUT, `Aborted add voter operation for since ${reason}`);
    }
    const { kraftVersion, voters } = history.last;
    const levels = answer?.levels ?? { min: 0, max: 0 };
    if (levels.min > kraftVersion || levels.max < kraftVersion) {
      const range = `kraft.version range (min: ${levels.min}, max: ${levels.max}) doesn't support the finalized version ${kraftVersion}`;
      return this.#end(
        Errors.INVALID_REQUEST,
        `Aborted add voter operation for ${named(change.voter)} since the ${range}`,
      );
    }
    const caughtUpMs = state.progressOf(change.voter)?.lastCaughtUpMs;
    if (caughtUpMs === undefined || now - caughtUpMs > CAUGHT_UP_MS) {
      const text = `Aborted add voter operation for ${named(change.voter)} since it is lagging behind`;
      return this.#end(Errors.REQUEST_TIMED_OUT, text);
    }
    const voter = { ...change.voter, minKraftVersion: levels.min, maxKraftVersion: levels.max };
    this.#write(state, change, new VoterSet([...voters.voters, voter]));
  }

  remove(operation: number, ask: RemoveVoterAsk, now: number): void {
    const leader = this.#leaderFor(operation);
    if (leader === undefined || this.#isRefused(operation, leader, 'removing')) return;
    const { voters, options } = this.#context;
    const voter = voters.voters.find((one) => one.id === ask.voter.id && one.directoryId === ask.voter.directoryId);
    if (voter === undefined || voters.size === 1) {
      const text = `Cannot remove voter ${named(ask.voter)} from the set of voters ${allNamed(voters)}`;
      return this.#finish(operation, Errors.VOTER_NOT_FOUND, text);
    }
    const deadlineMs = now + options.timeouts.requestMs;
    const change: Change = { operation, kind: 'remove', voter, deadlineMs, ackWhenCommitted: true, offset: undefined };
    this.#pending = change;
    this.#write(leader, change, new VoterSet(voters.voters.filter((one) => one !== voter)));
  }

  /** A voter tells where it listens and what it supports; with kraft.version 0 too, where it stays in memory (KAFKA-16538). */
  update(operation: number, ask: UpdateVoterAsk, now: number): void {
    const leader = this.#leaderFor(operation, ask.epoch);
    if (leader === undefined) return;
    const { history, options } = this.#context;
    const { voters, kraftVersion } = history.last;
    if (this.#pending !== undefined || leader.highWatermark === undefined) {
      return this.#finish(operation, Errors.REQUEST_TIMED_OUT);
    }
    if (kraftVersion >= 1 && this.#isUncommitted(leader)) return this.#finish(operation, Errors.REQUEST_TIMED_OUT);
    const { voter: key, endpoints, minKraftVersion, maxKraftVersion } = ask;
    const isFit = minKraftVersion <= kraftVersion && maxKraftVersion >= kraftVersion && endpoints.length > 0;
    if (!isFit) return this.#finish(operation, Errors.INVALID_REQUEST);
    const before = voters.get(key.id);
    if (before === undefined || !isMeant(before, key)) return this.#finish(operation, Errors.VOTER_NOT_FOUND);
    const voter: Voter = { ...key, endpoints, minKraftVersion, maxKraftVersion };
    const updated = new VoterSet(voters.voters.map((one) => (one === before ? voter : one)));
    if (kraftVersion < 1) {
      history.amend(updated);
      leader.votersAre(updated);
      return this.#finish(operation, Errors.NONE);
    }
    const deadlineMs = now + options.timeouts.requestMs;
    const change: Change = { operation, kind: 'update', voter, deadlineMs, ackWhenCommitted: true, offset: undefined };
    this.#pending = change;
    this.#write(leader, change, updated);
  }

  /** Tells who waits when their change is committed. A leader that is no voter any more goes then. */
  committed(now: number): void {
    const { state, highWatermark = 0, self, options, history } = this.#context;
    const change = this.#pending;
    if (change?.offset !== undefined && change.offset < highWatermark) this.#end(Errors.NONE);
    if (state.name !== 'leader' || this.#isUncommitted(state)) return;
    if (history.last.voters.includes(self.id, options.directoryId)) return;
    this.#context.tell('info', 'this node leads and was removed from the voters: it resigns');
    this.#context.resign(now);
  }

  expire(now: number): void {
    if (this.deadlineMs > now) return;
    this.#end(Errors.REQUEST_TIMED_OUT, errorText(Errors.REQUEST_TIMED_OUT));
  }

  /** This node leads no more: what becomes of the change is for the next leader to see. */
  leadershipLost(): void {
    this.#end(Errors.NOT_LEADER_OR_FOLLOWER);
  }

  get #listenerName(): string | undefined {
    return this.#context.options.endpoints[0]?.name;
  }

  /** `epoch`: in which whoever asks believes us to lead. */
  #leaderFor(operation: number, epoch?: number): LeaderState | undefined {
    const { state } = this.#context;
    if (epoch !== undefined && epoch < state.epoch) this.#finish(operation, Errors.FENCED_LEADER_EPOCH);
    else if (epoch !== undefined && epoch > state.epoch) this.#finish(operation, Errors.UNKNOWN_LEADER_EPOCH);
    else if (state.name !== 'leader') this.#finish(operation, Errors.NOT_LEADER_OR_FOLLOWER);
    else return state;
    return undefined;
  }

  #isRefused(operation: number, leader: LeaderState, what: 'adding' | 'removing'): boolean {
    const { history } = this.#context;
    const { kraftVersion, votersOffset } = history.last;
    const refuse = (errorCode: ErrorCode, text: string): true => {
      this.#finish(operation, errorCode, text);
      return true;
    };
    const waiting = 'Request timed out waiting for';
    if (this.#pending !== undefined) {
      return refuse(Errors.REQUEST_TIMED_OUT, `${waiting} leader to handle previous voter change request`);
    }
    if (leader.highWatermark === undefined) {
      return refuse(Errors.REQUEST_TIMED_OUT, `${waiting} leader to establish HWM and fence previous voter changes`);
    }
    if (kraftVersion < 1) {
      const text = `Cluster doesn't support ${what} voter because the kraft.version feature is ${kraftVersion}`;
      return refuse(Errors.UNSUPPORTED_VERSION, text);
    }
    if (!this.#isUncommitted(leader)) return false;
    const place = `${votersOffset} with HWM ${leader.highWatermark}`;
    return refuse(Errors.REQUEST_TIMED_OUT, `${waiting} voters to commit the latest voter change at ${place}`);
  }

  #isUncommitted({ highWatermark = 0 }: LeaderState): boolean {
    return this.#context.history.last.votersOffset >= highWatermark;
  }

  #write(leader: LeaderState, change: Change, voters: VoterSet): void {
    const { history, effects } = this.#context;
    const baseOffset = leader.nextOffset;
    leader.nextOffset += 1;
    history.add(baseOffset, { voters });
    leader.votersAre(voters);
    effects.append.push({
      baseOffset,
      epoch: leader.epoch,
      records: [{ type: 'KRaftVoters', value: voters.toRecord() }],
    });
    change.offset = baseOffset;
    this.#context.tell('info', 'the voters change', {
      change: change.kind,
      voterId: change.voter.id,
      offset: baseOffset,
    });
    if (!change.ackWhenCommitted) this.#finish(change.operation, Errors.NONE);
  }

  #end(errorCode: ErrorCode, text: string | null = null): void {
    const change = this.#pending;
    if (change === undefined) return;
    this.#pending = undefined;
    if (change.offset === undefined || change.ackWhenCommitted) this.#finish(change.operation, errorCode, text);
  }

  #finish(operation: number, errorCode: ErrorCode, errorMessage: string | null = errorText(errorCode)): void {
    this.#context.effects.finished.push({ operation, errorCode, errorMessage });
  }
}

function errorText(errorCode: ErrorCode): string | null {
  return errorCode === Errors.NONE ? null : errorMessage(errorCode);
}
