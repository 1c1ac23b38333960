// One of the files of a log directory that are written over and over (Kafka: OffsetCheckpointFile). What the background rounds
// write is flushed without blocking: on a busy disk a flush takes as long as a thousand requests.
import { type Disk, replaceFileSync } from '../../runtime/index.ts';
import { checkpointText } from '../segments/checkpoints.ts';

export class CheckpointFile {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #path: string;
  /** Writes begun: one that has been overtaken by the time that its text is flushed leaves the file alone. */
  #begun = 0;

  constructor(disk: Disk, directory: string, name: string) {
    this.#disk = disk;
    this.#directory = directory;
    this.#path = `${directory}/${name}`;
  }

  /** Makes it, empty, where it is not there, as Kafka does at its start. Throws DiskError. */
  make(): void {
    if (!this.#disk.existsSync(this.#path)) this.#disk.writeFileSync(this.#path, new Uint8Array(0));
  }

  /** Entries are `topic partition offset`. They are on stable storage when this returns. Throws DiskError. */
  replaceSync(entries: readonly string[]): void {
    this.#begun += 1;
    replaceFileSync(this.#disk, this.#path, checkpointText(entries));
  }

  /** As `replaceSync`, without blocking; false when one that was begun later has overtaken it. Rejects with DiskError. */
  async replace(entries: readonly string[]): Promise<boolean> {
    const number = ++this.#begun;
    const temporary = `${this.#path}.tmp`;
    const file = this.#disk.openSync(temporary, 'create');
    try {
      file.writevSync([Buffer.from(checkpointText(entries))], 0);
      await file.sync();
    } finally {
      file.closeSync();
    }
    if (number !== this.#begun) return false;
    this.#disk.renameSync(temporary, this.#path);
    await this.#disk.syncDirectory(this.#directory);
    return number === this.#begun;
  }

  /** The directory belongs to others from now on: what is being written in the background does not reach it. */
  leave(): void {
    this.#begun += 1;
  }
}
