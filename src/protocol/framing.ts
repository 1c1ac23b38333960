// The frame of the wire: four bytes of size (int32, without themselves), then that many bytes of header and body.
// The first four bytes of a request are its API key and version in every header version.

/** Bytes of the size in front of a frame. */
export const FRAME_SIZE_BYTES = 4;
/** API key, version and correlation id: a shorter request says nothing. */
export const MINIMUM_REQUEST_SIZE = 8;

function int16At(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)) >> 16;
}

/** The API key of a request that begins at `at`, which has MINIMUM_REQUEST_SIZE bytes or more. */
export const requestApiKey = (bytes: Uint8Array, at = 0): number => int16At(bytes, at);
/** Its version. */
export const requestApiVersion = (bytes: Uint8Array, at = 0): number => int16At(bytes, at + 2);
