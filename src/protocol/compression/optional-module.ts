// Loads a CommonJS package synchronously on first use, so that start-up does not pay for packages a broker may never
// need, and gives undefined where an optional one is absent or its binary does not fit the platform.
import { createRequire } from 'node:module';

// Bundled as CommonJS, import.meta is empty and __filename is there instead.
const load = createRequire((import.meta.url as string | undefined) ?? __filename);

/** The exports of package `name`, or undefined when it cannot be loaded. */
export function optionalModule(name: string): unknown {
  try {
    return load(name);
  } catch {
    // Absent, wrong libc, foreign architecture: whatever it is, the caller has another way.
    return undefined;
  }
}
