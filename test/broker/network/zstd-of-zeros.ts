// A bomb of zstd: a frame of a few bytes for each 128 KiB of zeros that it unpacks to, without a size in its header.

/** A frame of `size` zeros in run-length blocks of 128 KiB: four bytes each. */
export function zstdOfZeros(size: number): Buffer {
  const blockSize = 128 * 1024;
  const blocks: number[] = [];
  for (let done = 0; done < size; done += blockSize) {
    const isLast = done + blockSize >= size ? 1 : 0;
    const header = (blockSize << 3) | (1 << 1) | isLast;
    blocks.push(header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0);
  }
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, ...blocks]);
}
