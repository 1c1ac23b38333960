// Loads a CommonJS package synchronously on first use, so that start-up does not pay for packages a broker may never
// need, and gives undefined where an optional one is absent or its binary does not fit the platform.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(here());

/** Bundled as CommonJS, import.meta.url becomes __filename, which is not there when a program bundles that as a module again. */
function here(): string {
  try {
    return import.meta.url;
  } catch {
    return join(process.cwd(), 'bundled.js');
  }
}

/** The exports of package `name`, or undefined when it cannot be loaded. */
export function optionalModule(name: string): unknown {
  try {
    return load(name);
  } catch {
    // Absent, wrong libc, foreign architecture: whatever it is, the caller has another way.
    return undefined;
  }
}
