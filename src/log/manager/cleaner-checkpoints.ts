// `cleaner-offset-checkpoint` of each log directory: up to where the cleaner has been in each log. Written after every pass, in
// Kafka's format; entries of logs that are gone go with the next write.
import type { LogDirectories } from './log-directories.ts';
import type { LogDirectory } from './log-directory.ts';
import { directoryName } from '../segments/log-names.ts';
import type { ManagedLog } from './managed-log.ts';

export class CleanerCheckpoints {
  readonly #directories: LogDirectories;
  readonly #logs: () => Iterable<ManagedLog>;
  /** By the directory's path, then `<topic>-<partition>`; read when first needed. */
  readonly #offsets = new Map<string, Map<string, number>>();

  /** `logs`: those that the cleaner works on. */
  constructor(directories: LogDirectories, logs: () => Iterable<ManagedLog>) {
    this.#directories = directories;
    this.#logs = logs;
  }

  /** The first offset that the cleaner has not been to; undefined when it was never there. */
  get({ log, logDirectory }: ManagedLog): number | undefined {
    return this.#of(logDirectory).get(directoryName(log.topic, log.partition));
  }

  /** Throws DiskError. */
  set({ log, logDirectory }: ManagedLog, offset: number): void {
    this.#of(logDirectory).set(directoryName(log.topic, log.partition), offset);
    this.#write(logDirectory);
  }

  /** The log has been deleted: another of its name begins anew. Throws DiskError. */
  remove({ log, logDirectory }: ManagedLog): void {
    if (this.#of(logDirectory).delete(directoryName(log.topic, log.partition))) this.#write(logDirectory);
  }

  /** `to` has taken the place of `from`, in another directory. Throws DiskError. */
  move(from: ManagedLog, to: ManagedLog): void {
    const offset = this.get(from);
    if (offset === undefined || from.logDirectory === to.logDirectory) return;
    this.set(to, offset);
    if (this.#directories.isOnline(from.logDirectory.path)) this.remove(from);
  }

  #of(directory: LogDirectory): Map<string, number> {
    let offsets = this.#offsets.get(directory.path);
    if (offsets === undefined) this.#offsets.set(directory.path, (offsets = new Map(directory.compactedOffsets)));
    return offsets;
  }

  #write(directory: LogDirectory): void {
    const offsets = this.#of(directory);
    const entries: string[] = [];
    for (const { log, logDirectory } of this.#logs()) {
      const offset = offsets.get(directoryName(log.topic, log.partition));
      if (offset !== undefined && logDirectory === directory) entries.push(`${log.topic} ${log.partition} ${offset}`);
    }
    directory.cleanerFile.replaceSync(entries);
  }
}
