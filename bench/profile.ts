// Where the time goes: the functions with the most self time in what `node --cpu-prof` wrote.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SHOWN = 25;

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A table for every profile in the directory; idle time is named as what it is. */
export function hottest(directory: string): string {
  const files = readdirSync(directory).filter((name) => name.endsWith('.cpuprofile'));
  return files.map((name) => `${name}\n${table(join(directory, name))}`).join('\n\n');
}

function table(file: string): string {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const names = new Map(profile.nodes.map(({ id, callFrame: f }) => [id, label(f.functionName, f.url, f.lineNumber)]));
  const selfMicros = new Map<string, number>();
  let total = 0;
  for (const [i, sample] of profile.samples.entries()) {
    const micros = profile.timeDeltas[i] ?? 0;
    const name = names.get(sample) ?? '?';
    selfMicros.set(name, (selfMicros.get(name) ?? 0) + micros);
    total += micros;
  }
  const rows = [...selfMicros].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  const line = ([name, micros]: readonly [string, number]): string => {
    const share = ((100 * micros) / total).toFixed(1).padStart(5);
    return `${share} %  ${(micros / 1000).toFixed(0).padStart(7)} ms  ${name}`;
  };
  return rows.map(line).join('\n');
}

function label(name: string, url: string, lineNumber: number): string {
  const file = url.split('/').slice(-2).join('/');
  return file === '' ? name || '(anonymous)' : `${name || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
