// Where partitions that are not here yet had better lie (AlterReplicaLogDirs), until they come.

/** One more drops the oldest. */
const MAX_PREFERRED = 100_000;

export class PreferredDirectories {
  readonly #paths = new Map<string, string>();

  /** The path of the directory for `<topic>-<partition>`. */
  get(name: string): string | undefined {
    return this.#paths.get(name);
  }

  set(name: string, path: string): void {
    this.#paths.delete(name);
    this.#paths.set(name, path);
    const [oldest] = this.#paths.keys();
    if (this.#paths.size > MAX_PREFERRED && oldest !== undefined) this.#paths.delete(oldest);
  }

  delete(name: string): void {
    this.#paths.delete(name);
  }
}
