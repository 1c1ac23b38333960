// A virtual machine gives its free memory back to the host, and the first touch of a page costs a fault in the host: on the
// machine of the first measurements four times the CPU of the write itself, charged to whichever broker came first. So
// before each load as many pages are taken and let go as the load will take.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const STEP = Buffer.alloc(1 << 20);
/** Indexes, socket buffers, a second segment. */
const SPARE = 1.2;

/** Writes a file of that size into the page cache and deletes it: its pages are the next to be used. */
export function warmPages(directory: string, megabytes: number): void {
  const path = join(directory, 'warm-pages');
  const file = openSync(path, 'w');
  for (let left = megabytes * SPARE; left > 0; left--) writeSync(file, STEP);
  closeSync(file);
  rmSync(path);
}
