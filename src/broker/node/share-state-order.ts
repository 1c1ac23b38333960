// In which order requests about the state of a share partition go to its coordinator. Writes follow one another on one connection, and
// need not be waited for; but one that is not answered is sent again, perhaps to another coordinator, and what was sent behind it may
// have been carried out by then. So whatever comes later waits for what is asked again, and a read waits for all that is under way: a
// share partition that is given up and loaded again in the same epoch of its leader would else begin with what it was before a write
// that its members are told of later.

export interface UnderWay {
  /** It was not answered, or was told to wait. */
  isAskedAgain: boolean;
  readonly ended: Promise<void>;
  /** Called by ShareStateOrder alone. */
  readonly end: () => void;
}

export class ShareStateOrder {
  /** By share partition. */
  readonly #underWay = new Map<string, Set<UnderWay>>();

  /** Resolves when it is worth asking again; undefined: a request about these share partitions may go at once. */
  turn(keys: readonly string[], isRead: boolean): Promise<unknown> | undefined {
    const earlier: Promise<void>[] = [];
    for (const key of keys) {
      for (const one of this.#underWay.get(key) ?? []) if (isRead || one.isAskedAgain) earlier.push(one.ended);
    }
    return earlier.length === 0 ? undefined : Promise.all(earlier);
  }

  begin(keys: readonly string[]): UnderWay {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const underWay: UnderWay = { isAskedAgain: false, ended, end };
    for (const key of keys) {
      const known = this.#underWay.get(key);
      if (known === undefined) this.#underWay.set(key, new Set([underWay]));
      else known.add(underWay);
    }
    return underWay;
  }

  end(keys: readonly string[], underWay: UnderWay): void {
    for (const key of keys) {
      const known = this.#underWay.get(key);
      if (known?.delete(underWay) === true && known.size === 0) this.#underWay.delete(key);
    }
    underWay.end();
  }
}
