// Subscriptions by regular expression (Kafka: GroupMetadataManager.maybeUpdateRegularExpressions, TopicRegexResolver): one is
// checked when a member brings it, and all of a group are matched together against the topics that there are, some time after a
// heartbeat has found that it is time: then the group's epoch rises once for all of them.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { type GroupEffects, regexKey } from '../group-effects.ts';
import type { GroupStateRecord } from '../group-record.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { epochRecord, regexRecord, regexTombstone } from './consumer-records.ts';
import type { ConsumerWorld } from './consumer-world.ts';

/** Between two rounds of one group, whatever happens meanwhile. */
const LEAST_REFRESH_INTERVAL_MS = 10_000;
/** So many names are matched in one turn of the event loop. */
const NAMES_PER_SLICE = 500;
const METADATA_REFRESH_INTERVAL_MS = 2_147_483_647;

export interface RegexChange {
  readonly hasChanged: boolean;
  /** It is known what the new expression matches. */
  readonly isResolved: boolean;
  readonly needsResolution: boolean;
}

interface Telling {
  readonly member: ConsumerMember;
  readonly told: ConsumerMember;
  readonly nowMs: number;
}

/** Throws KafkaError INVALID_REGULAR_EXPRESSION. */
export function regexChange(
  world: ConsumerWorld,
  group: ConsumerGroup,
  telling: Telling,
  records: GroupStateRecord[],
): RegexChange {
  const [before, after] = [telling.member.subscribedTopicRegex, telling.told.subscribedTopicRegex];
  const hasChanged = before !== after;
  const isNew = hasChanged && after !== '' && !group.regexes.has(after);
  if (hasChanged && before !== '' && group.regexes.get(before) === 1) {
    records.push(regexTombstone(group.groupId, before));
  }
  if (isNew) checkRegex(world, after);
  return {
    hasChanged,
    isResolved: hasChanged && !isNew && (after === '' || group.resolvedRegexes.has(after)),
    needsResolution: needsResolution(world, group, telling, isNew),
  };
}

function checkRegex(world: ConsumerWorld, regex: string): void {
  const fault = world.regexFault(regex);
  if (fault === undefined) return;
  const message = `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${fault}.`;
  throw new KafkaError(Errors.INVALID_REGULAR_EXPRESSION, message);
}

function needsResolution(world: ConsumerWorld, group: ConsumerGroup, telling: Telling, isNew: boolean): boolean {
  if (!isNew && group.regexes.size === 0) return false;
  const [last] = group.resolvedRegexes.values();
  const { nowMs } = telling;
  if (last !== undefined && nowMs <= last.timestampMs + LEAST_REFRESH_INTERVAL_MS) return false;
  const count = regexCount(group, telling);
  if (count === 0) return false;
  return (
    isNew ||
    count !== group.resolvedRegexes.size ||
    (last?.version ?? 0) < world.newTopicsVersion ||
    (last !== undefined && nowMs > last.timestampMs + world.settings.regexRefreshIntervalMs)
  );
}

/** Expressions of the group once the member has the one that it tells of. */
function regexCount(group: ConsumerGroup, { member, told }: Telling): number {
  const regexes = new Set(group.regexes.keys());
  if (group.regexes.get(member.subscribedTopicRegex) === 1) regexes.delete(member.subscribedTopicRegex);
  if (told.subscribedTopicRegex !== '') regexes.add(told.subscribedTopicRegex);
  return regexes.size;
}

/** Soon, and not within the request that asks for it. */
export function requestResolution(groupId: string, effects: GroupEffects): void {
  effects.schedule(regexKey(groupId), 0, { kind: 'regex', groupId });
}

interface Resolution {
  readonly matchers: ReadonlyMap<string, (name: string) => boolean>;
  readonly names: readonly string[];
  readonly version: number;
  readonly found: ReadonlyMap<string, Set<string>>;
  next: number;
}

/** What is being resolved, group by group, in slices. */
export class RegexResolver {
  readonly #underWay = new Map<string, Resolution>();

  /** The next slice for the group; with the last one the result is written down. */
  onTurn(world: ConsumerWorld, groupId: string, effects: GroupEffects): void {
    const group = world.groups.consumer(groupId);
    const resolution = this.#underWay.get(groupId) ?? (group && begun(world, group));
    this.#underWay.delete(groupId);
    if (group === undefined || resolution === undefined) return;
    advance(resolution);
    if (resolution.next < resolution.names.length) {
      this.#underWay.set(groupId, resolution);
      return requestResolution(groupId, effects);
    }
    writeDown(world, group, resolution, effects);
  }
}

function begun(world: ConsumerWorld, group: ConsumerGroup): Resolution {
  const matchers = new Map<string, (name: string) => boolean>();
  for (const regex of group.regexes.keys()) {
    const matcher = world.regexMatcher(regex);
    if (matcher !== undefined) matchers.set(regex, matcher);
  }
  return {
    matchers,
    names: Array.from(world.image.topics.byName, ([name]) => name),
    version: world.image.offset,
    found: new Map(Array.from(matchers.keys(), (regex) => [regex, new Set<string>()])),
    next: 0,
  };
}

function advance(resolution: Resolution): void {
  const end = Math.min(resolution.next + NAMES_PER_SLICE, resolution.names.length);
  for (const name of resolution.names.slice(resolution.next, end)) {
    for (const [regex, matches] of resolution.matchers) if (matches(name)) resolution.found.get(regex)?.add(name);
  }
  resolution.next = end;
}

function writeDown(
  world: ConsumerWorld,
  group: ConsumerGroup,
  { found, version }: Resolution,
  effects: GroupEffects,
): void {
  const { groupId } = group;
  const topics = group.subscribedTopics();
  let isBumped = false;
  for (const [regex, matched] of found) {
    // Nobody has it any more.
    if (!group.regexes.has(regex)) continue;
    const before = group.resolvedRegexes.get(regex)?.topics ?? new Set<string>();
    if (before.size !== matched.size || [...before].some((name) => !matched.has(name))) {
      isBumped = true;
      topics.countByRegex(before, -1);
      topics.countByRegex(matched, 1);
    }
    effects.append(regexRecord(groupId, regex, { topics: matched, version, timestampMs: effects.nowMs }));
  }
  const hash = world.hashes.groupHash(topics.names, world.image);
  if (!isBumped && hash === group.metadataHash) return;
  effects.append(epochRecord(groupId, group.epoch + 1, hash));
  group.metadataRefreshed(effects.nowMs + METADATA_REFRESH_INTERVAL_MS, group.epoch + 1);
}
