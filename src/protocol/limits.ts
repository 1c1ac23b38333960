// What one message may make its reader do. Lengths and counts are always compared with the bytes that are there before
// anything is allocated; these limits bound what many small pieces add up to. Kafka has no such limits, so they stand
// far above what any client sends.

/** Array elements of one message, all arrays together. An element costs at least one byte on the wire, an object here. */
export const MAX_ELEMENTS_PER_MESSAGE = 1 << 21;
/** Unknown tagged fields of one message, all structs together (KIP-482 lets any client add some). */
export const MAX_UNKNOWN_TAGS_PER_MESSAGE = 1 << 16;
/** Bytes of unknown tagged fields of one message. They are skipped, or copied in `exact` mode. */
export const MAX_UNKNOWN_TAG_BYTES_PER_MESSAGE = 1 << 20;
/** Bytes of a string: Kafka's own limit, an int16, kept for compact strings as well. */
export const MAX_STRING_SIZE = 0x7fff;
/**
 * Bytes of a message that are written here, and not only referred to as records are. A small request may ask for more, when it
 * names one large thing many times.
 */
export const MAX_WRITTEN_BYTES_PER_MESSAGE = 1 << 29;
