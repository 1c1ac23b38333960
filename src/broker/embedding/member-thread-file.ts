// Where the built file of a node's thread lies: dist/member-thread.js, above the chunks of the broker's program. Sources that run as
// they are (tests) start the one that has been built: a thread of Node 20 reads no TypeScript.
import { pathToFileURL } from 'node:url';

const FILE = 'member-thread.js';

export function memberThreadFile(): URL {
  // Bundled as CommonJS, import.meta is empty and __filename is there instead.
  const here = (import.meta.url as string | undefined) ?? pathToFileURL(__filename).href;
  if (here.endsWith('.ts')) return new URL(`../../../dist/${FILE}`, here);
  const program = here.lastIndexOf('/broker/');
  return new URL(`./${FILE}`, here.slice(0, program + 1));
}
