// What is known of the schemas of one context beside their subjects: which id stands for which content, where it is registered, and
// which ids refer to which subject and version. Confluent's InMemoryCache.

export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
}

export class ContextIndex {
  /** id -> subject -> the version under which it was registered last. */
  readonly #places = new Map<number, Map<string, number>>();
  readonly #idOfGuid = new Map<string, number>();
  #largestId = 0;

  get largestId(): number {
    return this.#largestId;
  }

  add(id: number, guid: string, { subject, version }: SubjectVersion): void {
    this.#largestId = Math.max(this.#largestId, id);
    this.#idOfGuid.set(guid, id);
    let places = this.#places.get(id);
    if (places === undefined) this.#places.set(id, (places = new Map()));
    places.set(subject, version);
  }

  /** That version is no more, if it is the one that is known. */
  remove(id: number, { subject, version }: SubjectVersion): void {
    const places = this.#places.get(id);
    if (places?.get(subject) !== version) return;
    places.delete(subject);
    if (places.size === 0) this.#places.delete(id);
  }

  /** Subjects and versions of an id; none when it is not registered, or no more. */
  placesOf(id: number): ReadonlyMap<string, number> | undefined {
    return this.#places.get(id);
  }

  /** The id of this content; undefined when it is not registered, or no more. */
  idOfGuid(guid: string): number | undefined {
    const id = this.#idOfGuid.get(guid);
    return id !== undefined && this.#places.has(id) ? id : undefined;
  }
}
