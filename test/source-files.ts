// What the tests of the house itself look at: its source files, with or without their comments.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
export const source = join(root, 'src');
/** For a Node that is to run sources. */
export const WITH_TYPESCRIPT = `--import=${pathToFileURL(join(root, 'scripts/typescript/register.mjs')).href}`;

/** The TypeScript files in a directory and below. */
export function filesBelow(directory: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) found.push(...filesBelow(path));
    else if (name.endsWith('.ts')) found.push(path);
  }
  return found;
}

const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:'"`\\])\/\/.*/g;
const RE_EXPORT = /export (?:type )?(?:\{[^}]*\}|\*(?: as \w+)?) from '[^']+';/g;

export class SourceFile {
  /** From the root of the project. */
  readonly path: string;
  /** Without comments, and without what it only hands on. */
  readonly code: string;
  readonly comments: readonly string[];
  /** How often each name occurs in `code`. */
  readonly names: ReadonlyMap<string, number>;

  constructor(path: string) {
    const text = readFileSync(path, 'utf8');
    this.path = relative(root, path);
    this.comments = text.match(COMMENT) ?? [];
    this.code = text.replace(COMMENT, '').replace(RE_EXPORT, '');
    this.names = countNames(this.code);
  }
}

export function countNames(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of text.match(/[A-Za-z_$][\w$]*/g) ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
