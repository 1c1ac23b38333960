// Metrics as plain number fields: counting costs one addition, nothing is allocated on the hot path. Names are Kafka's
// (`BytesInPerSec`, `UnderReplicatedPartitions` …); exposition is an extra that walks the registry.

export interface Counter {
  count: number;
}

export interface Gauge {
  value: number;
}

export class Metrics {
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();

  /** The counter of this name, made on first use. */
  counter(name: string): Counter {
    let counter = this.#counters.get(name);
    if (counter === undefined) this.#counters.set(name, (counter = { count: 0 }));
    return counter;
  }

  gauge(name: string): Gauge {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) this.#gauges.set(name, (gauge = { value: 0 }));
    return gauge;
  }

  /** Every metric by name, for exposition and tests. */
  snapshot(): Record<string, number> {
    const all: Record<string, number> = {};
    for (const [name, counter] of this.#counters) all[name] = counter.count;
    for (const [name, gauge] of this.#gauges) all[name] = gauge.value;
    return all;
  }
}
