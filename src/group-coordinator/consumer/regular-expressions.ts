// Subscriptions by regular expression (Kafka: GroupMetadataManager.maybeUpdateRegularExpressions, TopicRegexResolver): one is
// checked when a member brings it, and all of a group are matched together against the topics that there are, some time after a
// heartbeat has found that it is time: then the group's epoch rises once for all of them.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { type GroupEffects, regexKey } from '../group-effects.ts';
import type { Regex } from '../../runtime/index.ts';
import type { GroupStateRecord } from '../group-record.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { epochRecord, regexRecord, regexTombstone } from './consumer-records.ts';
import type { ConsumerWorld } from './consumer-world.ts';

/** Between two rounds of one group, whatever happens meanwhile. */
const LEAST_REFRESH_INTERVAL_MS = 10_000;
/** In one turn of the event loop so many characters of expressions are held against topics, but one topic at least. */
const SLICE_COST = 50_000;
/** The engine is loaded meanwhile. */
const ENGINE_WAIT_MS = 20;
const MATCHES_NOTHING: Regex = { matches: () => false };

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
  const fault = world.regexes.faultOf(regex);
  if (fault === undefined) return;
  const message = `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${fault}.`;
  throw new KafkaError(Errors.INVALID_REGULAR_EXPRESSION, message);
}

function needsResolution(world: ConsumerWorld, group: ConsumerGroup, telling: Telling, isNew: boolean): boolean {
  if (!isNew && group.regexes.size === 0) return false;
  const [last] = group.resolvedRegexes.values();
  const { nowMs } = telling;
  // A clock that was set back since then holds up nobody.
  const ageMs = last === undefined || nowMs < last.timestampMs ? Number.POSITIVE_INFINITY : nowMs - last.timestampMs;
  if (ageMs <= LEAST_REFRESH_INTERVAL_MS) return false;
  const count = regexCount(group, telling);
  if (count === 0) return false;
  return (
    isNew ||
    count !== group.resolvedRegexes.size ||
    (last?.version ?? 0) < world.newTopicsVersion ||
    ageMs > world.settings.regexRefreshIntervalMs
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
export function requestResolution(groupId: string, effects: GroupEffects, delayMs = 0): void {
  effects.schedule(regexKey(groupId), delayMs, { kind: 'regex', groupId });
}

interface Resolution {
  readonly matchers: ReadonlyMap<string, Regex>;
  readonly names: readonly string[];
  readonly namesPerSlice: number;
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
    if (group === undefined) {
      this.#underWay.delete(groupId);
      return;
    }
    if (!world.regexes.isLoaded) {
      // Of a group that was loaded; a failure shows when a member brings an expression.
      world.regexes.load().catch(() => undefined);
      return requestResolution(groupId, effects, ENGINE_WAIT_MS);
    }
    const resolution = this.#underWay.get(groupId) ?? begun(world, group);
    this.#underWay.delete(groupId);
    advance(resolution);
    if (resolution.next === resolution.names.length) return writeDown(world, group, resolution, effects);
    this.#underWay.set(groupId, resolution);
    requestResolution(groupId, effects);
  }
}

function begun(world: ConsumerWorld, group: ConsumerGroup): Resolution {
  const matchers = new Map<string, Regex>();
  let cost = 1;
  for (const regex of group.regexes.keys()) {
    const compiled = world.regexes.compile(regex);
    // One that another version took and this one does not matches nothing.
    matchers.set(regex, typeof compiled === 'string' ? MATCHES_NOTHING : compiled);
    cost += regex.length;
  }
  return {
    matchers,
    names: Array.from(world.image.topics.byName, ([name]) => name),
    namesPerSlice: Math.ceil(SLICE_COST / cost),
    version: world.image.offset,
    found: new Map(Array.from(matchers.keys(), (regex) => [regex, new Set<string>()])),
    next: 0,
  };
}

function advance(resolution: Resolution): void {
  const { names, next, namesPerSlice, matchers, found } = resolution;
  const end = Math.min(next + namesPerSlice, names.length);
  for (const name of names.slice(next, end)) {
    for (const [regex, matcher] of matchers) if (matcher.matches(name)) found.get(regex)?.add(name);
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
  group.metadataRefreshed(effects.nowMs, group.epoch + 1);
}
