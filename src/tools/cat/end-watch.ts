// When a partition has been read to its end: told once, and again when something came behind it and was read too (librdkafka's
// enable.partition.eof).

interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface ReachedEnd {
  readonly place: Place;
  readonly offset: number;
}

const nameOf = ({ topic, partition }: Place): string => `${topic}-${partition}`;

export class EndWatch {
  readonly #endsOf: (places: readonly Place[]) => Promise<readonly number[]>;
  readonly #told = new Set<string>();
  /** As they were when they were last asked for: before a partition is there nobody has to ask again. */
  readonly #known = new Map<string, number>();

  constructor(endsOf: (places: readonly Place[]) => Promise<readonly number[]>) {
    this.#endsOf = endsOf;
  }

  /** A record of the partition was handed out. */
  read(place: Place): void {
    this.#told.delete(nameOf(place));
  }

  /** Those that are at their end now and were not told since their last record. */
  async reached(
    places: readonly Place[],
    positionOf: (place: Place) => number | Promise<number>,
  ): Promise<ReachedEnd[]> {
    const near: [Place, number][] = [];
    for (const place of places) {
      if (this.#told.has(nameOf(place))) continue;
      const position = await positionOf(place);
      if (position >= (this.#known.get(nameOf(place)) ?? 0)) near.push([place, position]);
    }
    if (near.length === 0) return [];
    const ends = await this.#endsOf(near.map(([place]) => place));
    const reached: ReachedEnd[] = [];
    for (const [index, [place, position]] of near.entries()) {
      const end = ends[index] as number;
      this.#known.set(nameOf(place), end);
      if (position < end) continue;
      this.#told.add(nameOf(place));
      reached.push({ place, offset: end });
    }
    return reached;
  }
}
