// Runs a recipe (recipes/) as its reader would: in a project of its own that has the built package and the client.

import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SuiteContext } from '../suite.ts';
import type { NpmClient } from '../toolchain/npm-clients.ts';
import { execOk } from '../toolchain/exec.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const LIMIT_MS = 60_000;

/** One case. It starts a broker of its own, so that it runs against ottla only. */
export async function runRecipe(
  { target, scratch, cases }: SuiteContext,
  client: NpmClient,
  name: string,
  npmPackage: string,
): Promise<void> {
  if (target.name !== 'ottla') return;
  await cases.run(`recipe: ${name} with node:test`, async () => {
    const project = join(scratch, `project-${name}`);
    const links = { ottla: ROOT, [npmPackage]: join(client.home, 'node_modules', npmPackage) };
    for (const [link, place] of Object.entries(links)) {
      const path = join(project, 'node_modules', link);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(place, path);
    }
    copyFileSync(join(ROOT, 'conformance', 'recipes', name), join(project, name));
    // The watchdog is ours: a handle that is left open keeps the recipe from ending.
    await execOk(client.node, ['--test', name], { cwd: project, timeoutMs: LIMIT_MS });
  });
}
