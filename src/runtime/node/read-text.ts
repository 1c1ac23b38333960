// A file's text at once, without the rest of a disk: what a client reads when it is made.
import { existsSync, readFileSync } from 'node:fs';

/** undefined: there is no such file. Throws as Node does when it cannot be read. */
export function readTextFile(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
