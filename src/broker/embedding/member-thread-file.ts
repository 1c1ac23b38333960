// Where the built file of a node's thread lies: beside the chunks of dist/, in the format of whoever asks. Sources that run as they
// are (tests) start the one that has been built: a thread of Node 20 reads no TypeScript.
import { pathToFileURL } from 'node:url';

export function memberThreadFile(): URL {
  // Bundled as CommonJS, import.meta is empty and __filename is there instead.
  const here = (import.meta.url as string | undefined) ?? pathToFileURL(__filename).href;
  if (here.endsWith('.ts')) return new URL('../../../dist/member-thread.js', here);
  const name = here.endsWith('.cjs') ? 'member-thread.cjs' : 'member-thread.js';
  return new URL(here.includes('/chunks/') ? `../${name}` : `./${name}`, here);
}
