// Runs sequences of every model against two brokers, several at a time; a difference that comes again when the same seed is drawn again
// is told with all that led to it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chances, randomOf } from './chances.ts';
import { classicModel } from './classic.ts';
import { consumerModel } from './consumer.ts';
import { migrationModel } from './migration.ts';
import type { Model } from './scene.ts';
import { Differs, KafkaFailed, Sequence, type Step } from './sequence.ts';
import { shareModel } from './share.ts';
import { type RecordedSequence, writeSequences } from './recorded.ts';
import { Side } from './side.ts';
import { streamsModel } from './streams.ts';
import { transactionsModel } from './transactions.ts';

export const MODELS: Readonly<Record<string, Model>> = {
  classic: classicModel,
  consumer: consumerModel,
  migration: migrationModel,
  share: shareModel,
  streams: streamsModel,
  transactions: transactionsModel,
};

/** At a time; more than this and they disturb each other's times. */
const ABREAST = 4;
const AGAIN = 2;
const STEPS = 30;

export interface SequenceFlags {
  readonly seed: number;
  /** How many. */
  readonly count: number;
  /** Left out: all. */
  readonly models: readonly string[];
  /** Where the steps of each kind of difference are written. */
  readonly directory: string | undefined;
  /** Only this one. */
  readonly only: number | undefined;
}

interface Outcome {
  readonly tag: string;
  readonly differs: Differs | undefined;
  readonly steps: readonly Step[];
}

export class SequenceRun {
  readonly #bootstraps: readonly [string, string];
  readonly #flags: SequenceFlags;
  readonly #kinds = new Map<string, number>();
  #unsteady = 0;
  #steps = 0;
  #runs = 0;

  constructor(bootstraps: readonly [string, string], flags: SequenceFlags) {
    this.#bootstraps = bootstraps;
    this.#flags = flags;
  }

  async run(): Promise<void> {
    const { only } = this.#flags;
    const seeds =
      only !== undefined ? [only] : Array.from({ length: this.#flags.count }, (_, i) => this.#flags.seed * 10_000 + i);
    await Promise.all(
      Array.from({ length: ABREAST }, async () => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) await this.#one(seed);
      }),
    );
    console.log(
      `\n${this.#flags.count} sequences, ${this.#steps} steps; ${this.#unsteady} differences did not come again`,
    );
    for (const [kind, count] of [...this.#kinds].sort(([, a], [, b]) => b - a)) console.log(`${count} x ${kind}`);
  }

  /** Recorded ones, asked of both again: those in which both answer alike, with the answers of today. */
  async again(recorded: readonly RecordedSequence[]): Promise<RecordedSequence[]> {
    const alike: RecordedSequence[] = [];
    for (const { kind, steps } of recorded) {
      const { differs, steps: now } = await this.#outcome((sequence) => sequence.repeat(asked(steps)));
      if (differs === undefined) alike.push({ kind, steps: now });
      else console.log(`still ${differs.kind} (${kind})\n   ${differs.found.slice(0, 3).join('\n   ')}`);
    }
    return alike;
  }

  async #one(seed: number): Promise<void> {
    const { models } = this.#flags;
    const name = models[seed % models.length] as string;
    const first = await this.#drawn(name, seed);
    if (first.differs === undefined) return this.#keep(`agreed-${seed}.json`, name, first);
    const kind = `${name} ${first.differs.kind}`;
    for (let again = 0; again < AGAIN; again++) {
      const next = await this.#drawn(name, seed);
      if (next.differs?.kind !== first.differs.kind) {
        this.#unsteady++;
        console.log(`  unsteady: seed ${seed} ${kind}`);
        this.#write(`unsteady-${seed}.txt`, kind, first);
        return;
      }
    }
    const shortest = this.#flags.directory === undefined ? first : await this.#shortened(seed, first);
    this.#tell(seed, kind, shortest);
  }

  #keep(file: string, kind: string, { steps }: Outcome): void {
    const { directory } = this.#flags;
    if (directory !== undefined) writeSequences(join(directory, file), [{ kind, steps }]);
  }

  #write(file: string, kind: string, { differs, steps }: Outcome): void {
    const { directory } = this.#flags;
    if (directory === undefined) return;
    const lines = [kind, ...(differs?.found ?? []), ...steps.map(lineOf)];
    writeFileSync(join(directory, file), `${lines.join('\n')}\n`);
  }

  /** As few steps as still come to the same difference. */
  async #shortened(seed: number, first: Outcome): Promise<Outcome> {
    let shortest = first;
    const kept = (): Step[] => asked(shortest.steps);
    for (let place = kept().length - 2; place > 0; place--) {
      const tag = this.#tag(seed);
      const steps = retagged(kept().toSpliced(place, 1), shortest.tag, tag);
      const outcome = await this.#outcome((sequence) => sequence.repeat(steps));
      if (outcome.differs?.kind === first.differs?.kind) shortest = { ...outcome, tag };
    }
    return shortest;
  }

  #tell(seed: number, kind: string, outcome: Outcome): void {
    const { differs, steps } = outcome;
    const count = this.#kinds.get(kind) ?? 0;
    this.#kinds.set(kind, count + 1);
    this.#write(`${seed}.txt`, kind, outcome);
    this.#keep(`${seed}.json`, kind, outcome);
    if (count === 0)
      console.log(
        `\nseed ${seed} after ${steps.length} steps: ${kind}\n   ${differs?.found.slice(0, 3).join('\n   ')}`,
      );
  }

  /** All are of the same length, so that bytes with one in them can get another. */
  #tag(seed: number): string {
    return `${seed}x${String(this.#runs++).padStart(5, '0')}`;
  }

  async #drawn(name: string, seed: number): Promise<Outcome> {
    const tag = this.#tag(seed);
    const chances = new Chances(randomOf(seed));
    const outcome = await this.#outcome((sequence, nowMs) =>
      (MODELS[name] as Model)({ sequence, chances, tag, steps: STEPS, nowMs }),
    );
    return { ...outcome, tag };
  }

  async #outcome(run: (sequence: Sequence, nowMs: number) => Promise<void>): Promise<Omit<Outcome, 'tag'>> {
    const nowMs = Date.now() - 60_000;
    const [theirs, ours] = this.#bootstraps.map((bootstrap) => new Side(bootstrap, nowMs)) as [Side, Side];
    const sequence = new Sequence([theirs, ours]);
    let differs: Differs | undefined;
    try {
      await run(sequence, nowMs);
    } catch (error) {
      if (error instanceof Differs) differs = error;
      else if (!(error instanceof KafkaFailed)) throw error;
    } finally {
      sequence.close();
    }
    this.#steps += sequence.steps.length;
    return { differs, steps: sequence.steps };
  }
}

/** Without what is heard by the way. */
const asked = (steps: readonly Step[]): Step[] =>
  steps.filter(({ key, waitMs }) => key !== undefined || waitMs !== undefined);

function retagged<T>(value: T, from: string, to: string): T {
  const one = (inner: unknown): unknown => {
    if (typeof inner === 'string') return inner.replaceAll(from, to);
    if (inner instanceof Uint8Array)
      return Buffer.from(Buffer.from(inner).toString('latin1').replaceAll(from, to), 'latin1');
    if (Array.isArray(inner)) return inner.map(one);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, field]) => [key, one(field)]));
  };
  return one(value) as T;
}

const MOST_SHOWN = 1_500;

function lineOf({ client, key, version, body, answer, ours, waitMs }: Step): string {
  if (waitMs !== undefined) return `wait ${waitMs}`;
  const asked = key === undefined ? `${client} hears` : `${client} asks ${key} v${version} ${text(body)}`;
  const heard = answer === undefined ? '\n    ...' : `\n    K ${text(answer)}`;
  return `${asked}${heard}${ours === undefined ? '' : `\n    O ${text(ours)}`}`;
}

function text(value: unknown): string {
  const whole = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    const bytes = inner as { readonly type?: string; readonly data?: readonly number[] } | null;
    return bytes?.type === 'Buffer'
      ? Buffer.from(bytes.data ?? [])
          .toString('latin1')
          .replaceAll(/[^ -~]/g, '.')
      : inner;
  });
  return whole.slice(0, MOST_SHOWN);
}
