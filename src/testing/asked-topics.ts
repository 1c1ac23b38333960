// Which topics and partitions a request is about, whatever its API: read from the message definitions, which mark the names of
// topics. Used where somebody asks for it, never on the way of a request that nobody looks at.
import { RESOURCE_TOPIC } from '../api-handlers/index.ts';
import { type Fields, ZERO_UUID } from '../protocol/index.ts';

/** The partitions that are named of a topic; undefined where the topic is meant as a whole. */
export type AskedTopics = Map<string, Set<number> | undefined>;

type Body = Readonly<Record<string, unknown>>;

/** What is dropped from a fetch session, and where a page begins: a request is not about these. */
const NOT_ASKED: ReadonlySet<string> = new Set(['forgottenTopicsData', 'cursor']);
const PARTITION_KEYS = ['partition', 'partitionIndex', 'partitionId', 'index'];

/** `nameOf` gives the name of a topic id. */
export function askedTopics(fields: Fields, body: Body, nameOf: (topicId: string) => string | undefined): AskedTopics {
  const asked: AskedTopics = new Map();
  visit(fields, body, nameOf, asked);
  return asked;
}

/** Notes that a topic is asked for: a partition of it, or the whole when there is none. */
export function addAsked(asked: AskedTopics, topic: string, partition: number | undefined): void {
  const known = asked.get(topic);
  if (partition === undefined) {
    if (known === undefined) asked.set(topic, undefined);
  } else if (known === undefined) {
    asked.set(topic, new Set([partition]));
  } else {
    known.add(partition);
  }
}

function visit(fields: Fields, body: Body, nameOf: (topicId: string) => string | undefined, asked: AskedTopics): void {
  const topic = topicIn(fields, body, nameOf);
  if (topic !== undefined) {
    const partitions = partitionsIn(fields, body);
    if (partitions === undefined) addAsked(asked, topic, undefined);
    else for (const partition of partitions) addAsked(asked, topic, partition);
  }
  for (const [key, { facts }] of Object.entries(fields)) {
    const value = body[key];
    if (value === null || value === undefined || NOT_ASKED.has(key)) continue;
    if (facts.kind === 'struct') {
      visit(facts.fields ?? {}, value as Body, nameOf, asked);
    } else if (facts.kind === 'array') {
      const element = facts.element?.facts;
      if (element?.entityType === 'topicName') {
        for (const name of value as string[]) addAsked(asked, name, undefined);
      } else if (element?.fields !== undefined) {
        for (const each of value as Body[]) visit(element.fields, each, nameOf, asked);
      }
    }
  }
}

function topicIn(fields: Fields, body: Body, nameOf: (topicId: string) => string | undefined): string | undefined {
  for (const [key, { facts }] of Object.entries(fields)) {
    if (facts.kind === 'string' && facts.entityType === 'topicName' && body[key]) return body[key] as string;
  }
  if (fields.topicId !== undefined && body.topicId !== ZERO_UUID) return nameOf(body.topicId as string);
  return body.resourceType === RESOURCE_TOPIC ? (body.resourceName as string) : undefined;
}

/** The numbers in the list of partitions beside a topic's name; undefined when there is no such list. */
function partitionsIn(fields: Fields, body: Body): number[] | undefined {
  for (const [key, { facts }] of Object.entries(fields)) {
    if (facts.kind !== 'array' || !key.startsWith('partition')) continue;
    const element = facts.element?.facts;
    if (element?.fields === undefined) return (body[key] ?? []) as number[];
    const number = PARTITION_KEYS.find((name) => element.fields?.[name] !== undefined);
    if (number !== undefined) return ((body[key] ?? []) as Body[]).map((each) => each[number] as number);
  }
  return undefined;
}
