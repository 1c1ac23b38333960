// Asks a recorded sequence of one broker: what differs from the answers that Apache Kafka gave.
import { differences } from '../../transcripts/compare.ts';
import type { RecordedSequence } from './recorded.ts';
import { madeUp } from './roles.ts';
import { shownNamed } from './shown.ts';
import type { Side } from './side.ts';

/** Kafka had forgotten who asked. */
const NEVER = 'waits';
/** After these the coordinators hear of topics or of configs of groups. */
const CREATE = 19;
const DELETE = 20;
const GROW = 37;
const METADATA = 3;
const API_VERSIONS = 18;

interface Row {
  readonly name: string;
  readonly numPartitions?: number;
  readonly count?: number;
}

/** Lines `place request: difference`. */
export async function replayed(side: Side, { steps }: RecordedSequence): Promise<string[]> {
  const waiting = new Map<string, { readonly key: number; readonly answer: Promise<unknown> }>();
  const found: string[] = [];
  // A first request may not have come before those that others send meanwhile.
  for (const client of new Set(steps.map((step) => step.client))) await side.ask(client, API_VERSIONS, 0, {});
  for (const [place, step] of steps.entries()) {
    const { id, client, key, version = 0, body = {} } = step;
    if (key !== undefined) {
      waiting.set(client, { key, answer: side.ask(client, key, version, body) });
      if (step.answer === undefined) await untilTaken(side);
    }
    const asked = waiting.get(client);
    if (step.answer === undefined || asked === undefined) continue;
    if (step.answer === NEVER) continue;
    const answer = await asked.answer;
    for (const [symbol, raw] of madeUp(asked.key, id, answer))
      if (!side.symbols.knows(raw)) side.symbols.learn(symbol, raw);
    const shown = shownNamed(asked.key, side.symbols.named(answer));
    found.push(...differences(step.answer, shown).map((one) => `step ${place} (${asked.key}): ${one}`));
    await untilHeard(side, asked.key, (body['topics'] ?? []) as readonly Row[]);
  }
  return found;
}

/** Until a request that is not answered has come to the broker: one that came after it is answered. */
async function untilTaken(side: Side): Promise<void> {
  for (let turns = 0; turns < 2; turns++) await side.ask('watcher', API_VERSIONS, 0, {});
}

/** Until the broker tells of the topics as they are now. */
async function untilHeard(side: Side, key: number, rows: readonly Row[]): Promise<void> {
  if (![CREATE, DELETE, GROW].includes(key)) return;
  for (;;) {
    const { topics } = (await side.ask('watcher', METADATA, 12, { topics: null })) as {
      readonly topics: readonly { readonly name: string; readonly partitions: readonly unknown[] }[];
    };
    const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    const isHeard = rows.every(({ name, numPartitions, count }) => {
      const wanted = key === DELETE ? undefined : (numPartitions ?? count);
      return counts.get(name) === wanted;
    });
    if (isHeard) return;
  }
}
