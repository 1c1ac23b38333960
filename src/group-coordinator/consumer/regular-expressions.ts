// Subscriptions by regular expression (Kafka: GroupMetadataManager.maybeUpdateRegularExpressions, TopicRegexResolver): one is
// checked when a member brings it, and all of a group are matched together against the topics that there are, some time after a
// heartbeat has found that it is time: then the group's epoch rises once for all of them.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { type GroupEffects, regexKey } from '../group-effects.ts';
import type { Regex } from '../../runtime/index.ts';
import type { GroupStateRecord } from '../group-record.ts';
import type { MaySee } from '../shards.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { epochRecord, regexRecord, regexTombstone } from './consumer-records.ts';
import type { ConsumerWorld } from './consumer-world.ts';

/** Between two rounds of one group, whatever happens meanwhile. */
const LEAST_REFRESH_INTERVAL_MS = 10_000;
/** Steps of expressions in one turn of the event loop, a few milliseconds; but one name at least. */
const STEPS_PER_SLICE = 500_000;
/** What it costs to compile one character of an expression, in such steps. */
const STEPS_TO_COMPILE = 500;
/** The engine is loaded meanwhile. */
const ENGINE_WAIT_MS = 20;
const MATCHES_NOTHING: Regex = { size: 1, matches: () => false };

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

/** One expression is there compiled at a time: a group may have as many as it has members. */
interface Resolution {
  readonly patterns: readonly string[];
  readonly names: readonly string[];
  readonly version: number;
  readonly found: ReadonlyMap<string, Set<string>>;
  nextPattern: number;
  nextName: number;
  /** Of the pattern that is being held against the names; undefined: it is yet to be compiled. */
  matcher: Regex | undefined;
  /** undefined: every topic may be seen. */
  readonly maySee: MaySee | undefined;
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
    advance(world, resolution);
    if (resolution.nextPattern === resolution.patterns.length) return writeDown(world, group, resolution, effects);
    this.#underWay.set(groupId, resolution);
    requestResolution(groupId, effects);
  }
}

function begun(world: ConsumerWorld, group: ConsumerGroup): Resolution {
  const patterns = [...group.regexes.keys()];
  return {
    patterns,
    names: Array.from(world.image.topics.byName, ([name]) => name),
    version: world.image.offset,
    found: new Map(patterns.map((pattern) => [pattern, new Set<string>()])),
    nextPattern: 0,
    nextName: 0,
    matcher: undefined,
    maySee: world.regexes.takeAsker(group.groupId),
  };
}

function advance(world: ConsumerWorld, resolution: Resolution): void {
  const { patterns, names, found } = resolution;
  let steps = STEPS_PER_SLICE;
  while (steps > 0 && resolution.nextPattern < patterns.length) {
    const pattern = patterns[resolution.nextPattern] as string;
    if (resolution.matcher === undefined) {
      const compiled = world.regexes.compile(pattern);
      // One that another version took and this one does not matches nothing.
      resolution.matcher = typeof compiled === 'string' ? MATCHES_NOTHING : compiled;
      steps -= pattern.length * STEPS_TO_COMPILE;
    }
    steps = matchNames(resolution, resolution.matcher, found.get(pattern) as Set<string>, steps);
    if (resolution.nextName < names.length) return;
    resolution.nextPattern += 1;
    resolution.nextName = 0;
    resolution.matcher = undefined;
  }
}

/** How many steps are left. */
function matchNames(resolution: Resolution, matcher: Regex, matched: Set<string>, steps: number): number {
  const { names, maySee } = resolution;
  let left = steps;
  while (left > 0 && resolution.nextName < names.length) {
    const name = names[resolution.nextName++] as string;
    if (matcher.matches(name) && maySee?.(name) !== false) matched.add(name);
    left -= name.length * matcher.size;
  }
  return left;
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
