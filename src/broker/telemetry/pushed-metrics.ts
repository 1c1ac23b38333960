// What clients have pushed, kept for the operator: the last push of each client, as many bytes as are granted, the oldest go
// first.

/** One push of a client. */
export interface PushedMetrics {
  readonly clientInstanceId: string;
  readonly clientId: string;
  readonly softwareName: string;
  readonly softwareVersion: string;
  readonly address: string;
  readonly receivedAtMs: number;
  /** The client has said that it ends. */
  readonly isLast: boolean;
  /** OTLP MetricsData, unpacked. */
  readonly metrics: Uint8Array;
}

export class RetainedMetrics {
  readonly #maxBytes: number;
  /** By client, the oldest first. */
  readonly #pushes = new Map<string, PushedMetrics>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Oldest first. */
  all(): PushedMetrics[] {
    return [...this.#pushes.values()];
  }

  add(pushed: PushedMetrics): void {
    this.#drop(pushed.clientInstanceId);
    this.#pushes.set(pushed.clientInstanceId, pushed);
    this.#bytes += pushed.metrics.length;
    for (const id of this.#pushes.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#drop(id);
    }
  }

  #drop(id: string): void {
    const known = this.#pushes.get(id);
    if (known === undefined) return;
    this.#pushes.delete(id);
    this.#bytes -= known.metrics.length;
  }
}
