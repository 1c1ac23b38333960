// How the process and its event loop are, as a port.

export interface MemoryUse {
  readonly residentBytes: number;
  readonly heapTotalBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  readonly arrayBufferBytes: number;
}

/** Seconds by which the event loop was late. */
export interface LoopDelay {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly stddev: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface HeapSpace {
  readonly name: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  readonly availableBytes: number;
}

/** Garbage collections of one kind since the vitals were opened. */
export interface Collections {
  readonly kind: string;
  readonly count: number;
  readonly seconds: number;
}

export interface Vitals {
  readonly nodeVersion: string;
  /** Seconds since the epoch. */
  readonly startedSeconds: number;
  /** The part of the time that the event loop has waited for something to do, of about the last half minute: 0 to 1. */
  idle(): number;
  /** Since it was asked last. */
  loopDelay(): LoopDelay;
  memory(): MemoryUse;
  heapSpaces(): readonly HeapSpace[];
  collections(): readonly Collections[];
  cpu(): { readonly userSeconds: number; readonly systemSeconds: number };
  /** -1 where the system does not tell. */
  openFiles(): Promise<{ readonly open: number; readonly max: number }>;
  /** Bytes that the process has had read and written of disks; -1 where the system does not tell. */
  diskBytes(): Promise<{ readonly read: number; readonly written: number }>;
  close(): void;
}
