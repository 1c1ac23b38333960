// What Node.js and the operating system tell of the process; loaded when metrics are asked for.
import { readdir, readFile } from 'node:fs/promises';
import { constants, monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import type { Vitals } from '../vitals.ts';

/** Twice as often, and to watch costs a broker that answers 60,000 small requests in a second a hundredth of its CPU. */
const RESOLUTION_MS = 20;
const IDLE_WINDOW_MS = 15_000;
const NANOSECONDS = 1e9;

const kinds: readonly (readonly [number, string])[] = [
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
];

/** What the declarations of PerformanceEntry leave out. */
interface GarbageCollection {
  readonly duration: number;
  readonly detail?: { readonly kind: number };
}

export function openVitals(): Vitals {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const loop = new LoopUse();
  const collections = new Map(kinds.map(([code, kind]) => [code, { kind, count: 0, seconds: 0 }]));
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as readonly GarbageCollection[]) {
      const sum = collections.get(entry.detail?.kind ?? -1);
      if (sum === undefined) continue;
      sum.count += 1;
      sum.seconds += entry.duration / 1000;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    nodeVersion: process.version,
    startedSeconds: performance.timeOrigin / 1000,
    idle: () => loop.idle,
    loopDelay: () => loopDelay(delays),
    memory: memoryUse,
    heapSpaces,
    collections: () => [...collections.values()],
    cpu: cpuTime,
    openFiles,
    diskBytes,
    close: () => {
      loop.close();
      delays.disable();
      observer.disconnect();
    },
  };
}

function cpuTime(): ReturnType<Vitals['cpu']> {
  const { user, system } = process.cpuUsage();
  return { userSeconds: user / 1e6, systemSeconds: system / 1e6 };
}

/** Two windows are kept, so that what is told is never of a moment only. */
class LoopUse {
  #before = performance.eventLoopUtilization();
  #last = this.#before;
  readonly #timer = setInterval(() => {
    this.#before = this.#last;
    this.#last = performance.eventLoopUtilization();
  }, IDLE_WINDOW_MS).unref();

  get idle(): number {
    const { utilization } = performance.eventLoopUtilization(performance.eventLoopUtilization(), this.#before);
    return Math.min(1, Math.max(0, 1 - utilization));
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** What the monitor has seen is each time the whole pause between two of its ticks. */
function loopDelay(delays: ReturnType<typeof monitorEventLoopDelay>): ReturnType<Vitals['loopDelay']> {
  const late = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) && delays.count > 0 ? Math.max(0, nanoseconds - RESOLUTION_MS * 1e6) / NANOSECONDS : 0;
  const told = {
    min: late(delays.min),
    max: late(delays.max),
    mean: late(delays.mean),
    stddev: delays.count > 1 ? delays.stddev / NANOSECONDS : 0,
    p50: late(delays.percentile(50)),
    p90: late(delays.percentile(90)),
    p99: late(delays.percentile(99)),
  };
  delays.reset();
  return told;
}

function memoryUse(): ReturnType<Vitals['memory']> {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return {
    residentBytes: rss,
    heapTotalBytes: heapTotal,
    heapUsedBytes: heapUsed,
    externalBytes: external,
    arrayBufferBytes: arrayBuffers,
  };
}

function heapSpaces(): ReturnType<Vitals['heapSpaces']> {
  return getHeapSpaceStatistics().map((space) => ({
    name: space.space_name.replace(/_space$/, ''),
    totalBytes: space.space_size,
    usedBytes: space.space_used_size,
    availableBytes: space.space_available_size,
  }));
}

async function openFiles(): ReturnType<Vitals['openFiles']> {
  try {
    const [descriptors, limits] = await Promise.all([readdir('/proc/self/fd'), readFile('/proc/self/limits', 'utf8')]);
    const max = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return { open: descriptors.length, max: max === undefined ? -1 : Number(max) };
  } catch {
    return { open: -1, max: -1 };
  }
}

async function diskBytes(): ReturnType<Vitals['diskBytes']> {
  try {
    const text = await readFile('/proc/self/io', 'utf8');
    const bytes = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? -1);
    return { read: bytes('read_bytes'), written: bytes('write_bytes') };
  } catch {
    return { read: -1, written: -1 };
  }
}
