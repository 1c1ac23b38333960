// The page /metrics: what is shown is fixed at its beginning, and written as it is taken.
import type { GroupSnapshot } from '../group-coordinator/snapshots/index.ts';
import type { Logger, Vitals } from '../runtime/index.ts';
import { clusterFamilies } from './families/cluster.ts';
import { exporterFamilies } from './families/exporter.ts';
import { networkFamilies } from './families/network.ts';
import { processFamilies } from './families/process.ts';
import { replicaFamilies } from './families/replicas.ts';
import { requestFamilies } from './families/requests.ts';
import { topicFamilies } from './families/topics.ts';
import { exposition, type Family, labels, type TextFormat } from './family.ts';
import { PartitionChanges } from './partition-changes.ts';
import { RaftRates } from './raft-rates.ts';
import type { RequestMeter } from './request-meter.ts';
import type { NodeSources, Page, ShownPartition } from './sources.ts';

/** Groups that cannot be told within it are left out: a scrape waits for no coordinator. */
const GROUPS_LIMIT_MS = 2000;

export interface MetricsPageOptions {
  readonly sources: NodeSources;
  readonly vitals: Vitals;
  readonly logger: Logger;
  readonly maxPartitions: number;
  readonly meter: RequestMeter;
}

export class MetricsPage {
  /** To be told of every change of the metadata. */
  readonly changes: PartitionChanges;
  readonly #options: MetricsPageOptions;
  readonly #rates = new RaftRates();

  constructor(options: MetricsPageOptions) {
    this.#options = options;
    this.changes = new PartitionChanges(options.sources.nodeId);
  }

  async *text(format: TextFormat): AsyncGenerator<string> {
    const { clock } = this.#options.sources;
    const page = await this.#take();
    const pause = (): Promise<void> => new Promise((resolve) => clock.endOfTurn(resolve));
    yield* exposition(this.#families(page), format, pause);
  }

  /** All that the page tells, taken now. */
  async families(): Promise<Iterable<Family>> {
    return this.#families(await this.#take());
  }

  *#families(page: Page): Generator<Family> {
    const { meter } = this.#options;
    const { broker } = page;
    yield* topicFamilies(page, meter.topics);
    if (broker !== undefined) yield* replicaFamilies(page, broker, this.changes);
    yield* clusterFamilies(page, this.changes, this.#rates);
    yield* networkFamilies(page);
    yield* requestFamilies(page, meter);
    if (broker !== undefined) yield* exporterFamilies(page, broker);
    yield* processFamilies(page);
  }

  async #take(): Promise<Page> {
    const { sources, vitals, maxPartitions } = this.#options;
    const [files, disk, groupsTold] = await Promise.all([vitals.openFiles(), vitals.diskBytes(), this.#groups()]);
    const shown: ShownPartition[] = [];
    let leftOut = 0;
    for (const partition of sources.broker?.replicas.partitions() ?? []) {
      if (shown.length >= maxPartitions) leftOut += 1;
      else shown.push({ partition, labels: labels({ topic: partition.topic, partition: partition.index }) });
    }
    return { ...sources, vitals, shown, leftOut, maxPartitions, groupsTold, files, disk };
  }

  async #groups(): Promise<readonly GroupSnapshot[]> {
    const { sources, logger } = this.#options;
    const { broker, clock } = sources;
    if (broker === undefined) return [];
    let cancel = (): void => undefined;
    const limit = new Promise<readonly GroupSnapshot[]>((resolve) => {
      const timer = clock.schedule(GROUPS_LIMIT_MS, () => resolve([]));
      cancel = () => timer.cancel();
    });
    const told = broker.groups().catch((error: unknown) => {
      logger.log('debug', 'a scrape goes without groups', { reason: String(error) });
      return [];
    });
    return Promise.race([told, limit]).finally(cancel);
  }
}
