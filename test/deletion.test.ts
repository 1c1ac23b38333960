// The extras could be deleted without the broker noticing (spec ecosystem 0.2, b): whatever a broker and the commands that keep one
// may ever load is walked, import by import. An extra is met only at the doors that are listed here, behind `import()`, and each of
// these is opened by a wish for that extra. With a room emptied and its door gone, `ottla start` is built and runs as before.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { filesBelow, root, source } from './source-files.ts';

const EXTRAS = ['client', 'serde', 'tools', 'schema-registry'];

/** The library, its threads, and the commands that serve, format and look at a broker. */
const BROKER = ['index.ts', 'broker/embedding/member-thread.ts', 'cli/main.ts'];

/** Where an extra is asked for → what is behind that door. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  // startBroker({ registry: true })
  'index.ts': ['schema-registry/index.ts'],
  // every other command
  'cli/main.ts': ['cli/run-extra.ts'],
};

interface Reached {
  readonly files: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
  /** `file → room/file`: an extra that is not behind a door. */
  readonly faults: readonly string[];
}

const place = (path: string): string => relative(source, path);
const isExtra = (path: string): boolean => EXTRAS.some((room) => place(path).startsWith(`${room}/`));

/** What is imported when the code runs; what is only a type goes when it is built. */
function importsOf(path: string): { readonly specifier: string; readonly isLazy: boolean }[] {
  const text = readFileSync(path, 'utf8');
  const now = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;
  const later = /(?<!typeof )\bimport\(\s*'([^']+)'\s*\)/g;
  const found = (pattern: RegExp, isLazy: boolean) =>
    [...text.matchAll(pattern)].map(([, specifier]) => ({ specifier: specifier as string, isLazy }));
  return [...found(now, false), ...found(later, true)];
}

function reachedFrom(entries: readonly string[]): Reached {
  const files = new Set(entries.map((entry) => join(source, entry)));
  const packages = new Set<string>();
  const faults: string[] = [];
  for (const file of files) {
    for (const { specifier, isLazy } of importsOf(file)) {
      if (!specifier.startsWith('.')) {
        if (!specifier.startsWith('node:')) packages.add(specifier);
        continue;
      }
      const target = resolve(dirname(file), specifier);
      if (isLazy && DOORS[place(file)]?.includes(place(target)) === true) continue;
      if (isExtra(target)) faults.push(`${place(file)} → ${place(target)}`);
      else files.add(target);
    }
  }
  return { files, packages, faults };
}

describe('Without the extras', () => {
  const reached = reachedFrom(BROKER);

  it('a broker and its commands lack nothing that they may load', () => {
    expect(reached.faults).to.deep.equal([]);
    const all = filesBelow(source).filter((path) => /^(broker|log|kraft|replication|api-handlers)\//.test(place(path)));
    const missed = all.filter((path) => !reached.files.has(path) && !path.endsWith('.d.ts'));
    // Nearly all of these rooms is seen, so that an import which the search does not understand would be noticed.
    expect(missed.length / all.length).to.be.lessThan(0.05);
  });

  it('and no package that is not installed with it', () => {
    const text = readFileSync(join(root, 'package.json'), 'utf8');
    const { dependencies, optionalDependencies } = JSON.parse(text) as Record<string, Record<string, string>>;
    const installed = new Set([...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {})]);
    const nameOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    expect([...reached.packages].filter((specifier) => !installed.has(nameOf(specifier)))).to.deep.equal([]);
  });

  it('nothing but the doors names them', () => {
    for (const [file, targets] of Object.entries(DOORS)) {
      const lazy = importsOf(join(source, file)).filter(({ isLazy }) => isLazy);
      const opened = lazy.map(({ specifier }) => place(resolve(dirname(join(source, file)), specifier)));
      expect(opened, file).to.include.members([...targets]);
    }
    // And behind each of them there is one: a door to nowhere is taken off the list.
    for (const target of Object.values(DOORS).flat()) {
      const behind = isExtra(join(source, target)) ? [target] : reachedFrom([target]).faults;
      expect(behind, target).to.not.deep.equal([]);
    }
  });

  it('each of them could go by itself: what is left knows only those below it', () => {
    // client ← serde ← schema-registry, tools
    const below: Readonly<Record<string, readonly string[]>> = {
      client: ['client'],
      serde: ['client', 'serde'],
      'schema-registry': ['client', 'serde', 'schema-registry'],
    };
    for (const [room, known] of Object.entries(below)) {
      const imported = filesBelow(join(source, room)).flatMap((path) =>
        importsOf(path).flatMap(({ specifier }) =>
          specifier.startsWith('.') ? [place(resolve(dirname(path), specifier))] : [],
        ),
      );
      const strangers = imported.filter(
        (target) => EXTRAS.includes(target.split('/')[0] ?? '') && !known.includes(target.split('/')[0] ?? ''),
      );
      expect(strangers, room).to.deep.equal([]);
    }
  });
});
