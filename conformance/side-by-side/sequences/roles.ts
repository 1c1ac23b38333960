// What brokers make up in their answers, and what stands for it.
import type { Body } from './symbols.ts';

const CREATE_TOPICS = 19;
/** Fields whose value the broker has made up, by API. */
const ROLES = new Map([
  [11, { name: 'member', field: 'memberId' }],
  [68, { name: 'member', field: 'memberId' }],
  [22, { name: 'producer', field: 'producerId' }],
]);
const SHORTEST_ID = 22;

/** Symbols and what the answer to request `id` has for them. */
export function madeUp(key: number, id: number, answer: unknown): [symbol: string, raw: unknown][] {
  if (typeof answer !== 'object' || answer === null) return [];
  if (key === CREATE_TOPICS) {
    const { topics } = answer as { readonly topics: readonly { readonly name: string; readonly topicId: string }[] };
    return topics.map(({ name, topicId }) => [`id of ${name}`, topicId]);
  }
  const role = ROLES.get(key);
  const raw = role === undefined ? undefined : (answer as Body)[role.field];
  return role !== undefined && isMadeUp(raw) ? [[`«${role.name} ${id}»`, raw]] : [];
}

/** A member id with a UUID in it, or the id of a producer. */
const isMadeUp = (raw: unknown): boolean =>
  typeof raw === 'string' ? raw.length >= SHORTEST_ID : typeof raw === 'number' && raw >= 0;
