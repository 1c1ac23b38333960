// The recipes of docs/testing.md, run: each is a small project of somebody else's that has the package installed as npm would
// install it, and runs its own test command. A handle left open would keep the process from ending.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 120_000;
/** What each runner says of two tests that passed. */
const PASSED: Readonly<Record<string, RegExp>> = {
  jest: /Tests: +2 passed, 2 total/,
  mocha: /2 passing/,
  'node-test': /# pass 2\b|ℹ pass 2\b/,
  secured: /# pass 2\b|ℹ pass 2\b/,
  transactions: /# pass 2\b|ℹ pass 2\b/,
  vitest: /Tests +2 passed/,
};

/** The project in a directory of its own: what it depends on is linked, ottla itself copied as npm unpacks it. */
function install(recipe: string, project: string): void {
  cpSync(join(root, 'test/recipes', recipe), project, { recursive: true });
  const ottla = join(project, 'node_modules/ottla');
  mkdirSync(ottla, { recursive: true });
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  for (const name of ['package.json', 'dist']) cpSync(join(root, name), join(ottla, name), { recursive: true });
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  for (const name of [...Object.keys(dependencies), 'kafkajs', 'vitest', 'vite']) {
    const link = join(project, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link, 'junction');
  }
}

describe('The recipes', () => {
  const recipes = readdirSync(join(root, 'test/recipes'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  for (const recipe of recipes) {
    it(`run: ${recipe}`, function () {
      this.timeout(TIMEOUT_MS);
      const project = mkdtempSync(join(tmpdir(), `ottla-recipe-${recipe}-`));
      try {
        install(recipe, project);
        const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
          scripts: { test: string };
        };
        // In the shell's place: a runner that hangs is ended, not only the shell.
        const command = process.platform === 'win32' ? scripts.test : `exec ${scripts.test}`;
        const { status, stdout, stderr } = spawnSync(command, {
          cwd: project,
          shell: true,
          encoding: 'utf8',
          timeout: TIMEOUT_MS - 5000,
          env: {
            ...process.env,
            NO_COLOR: '1',
            NODE_OPTIONS: '',
            PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
          },
        });
        const said = `${stdout}\n${stderr}`;
        expect(status, said).to.equal(0);
        expect(said).to.match(PASSED[recipe] as RegExp);
        expect(said).not.to.match(/did not exit|open handle/i);
      } finally {
        rmSync(project, { recursive: true, force: true });
      }
    });

    it(`stand in docs/testing.md as they are run: ${recipe}`, () => {
      const docs = readFileSync(join(root, 'docs/testing.md'), 'utf8');
      const directory = join(root, 'test/recipes', recipe);
      const file = readdirSync(directory).find((name) => name.startsWith('orders.')) as string;
      expect(docs).to.contain(`\`\`\`js\n${readFileSync(join(directory, file), 'utf8')}\`\`\``);
    });
  }
});
