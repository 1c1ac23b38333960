// The engine of regular expressions over topic names, which is loaded when somebody first subscribes with one: most brokers never
// need it.
import type { MaySee } from '../shards.ts';
import { assert, InvalidRegexError, loadRegexEngine, type Regex, type RegexEngine } from '../../runtime/index.ts';

export class TopicRegexes {
  #engine: RegexEngine | undefined;
  /** By group whose expressions are to be resolved, for whom that is. */
  readonly #askers = new Map<string, MaySee>();

  /** The next resolution of the group finds what this asker may see. */
  askedBy(groupId: string, maySee: MaySee | undefined): void {
    if (maySee === undefined) this.#askers.delete(groupId);
    else this.#askers.set(groupId, maySee);
  }

  /** Once for each resolution; undefined: everything may be seen. */
  takeAsker(groupId: string): MaySee | undefined {
    const maySee = this.#askers.get(groupId);
    this.#askers.delete(groupId);
    return maySee;
  }

  /** It will be there soon. */
  async load(): Promise<void> {
    this.#engine ??= await loadRegexEngine();
  }
  get isLoaded(): boolean {
    return this.#engine !== undefined;
  }

  /** What is wrong with it, in Kafka's words; undefined: nothing. Only once the engine is loaded. */
  faultOf(regex: string): string | undefined {
    const compiled = this.compile(regex);
    return typeof compiled === 'string' ? compiled : undefined;
  }

  /** A text: what is wrong with it. Only once the engine is loaded. */
  compile(regex: string): Regex | string {
    const engine = this.#engine;
    assert(engine !== undefined, 'expressions are compiled once there is an engine');
    try {
      return engine.compile(regex);
    } catch (error) {
      if (error instanceof InvalidRegexError) return error.description;
      throw error;
    }
  }
}
