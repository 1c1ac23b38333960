// Tagged fields that a schema does not know (KIP-482). A broker skips them; tools that must write back what they read
// (Reader and Writer in `exact` mode) keep them beside the struct, so that decoded objects look the same either way.

export interface UnknownTag {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

const unknownTags = new WeakMap<object, readonly UnknownTag[]>();

/** The unknown tagged fields that came with a struct, in the order they came. */
export function unknownTagsOf(struct: object): readonly UnknownTag[] | undefined {
  return unknownTags.get(struct);
}

/** Gives a struct unknown tagged fields, to be written by a Writer in `exact` mode. */
export function setUnknownTags(struct: object, tags: readonly UnknownTag[]): void {
  unknownTags.set(struct, tags);
}
