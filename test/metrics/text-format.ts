// Reads a page of metrics as Prometheus does, and refuses what breaks the rules of the format.

export interface ReadFamily {
  readonly type: string;
  readonly help: string;
}

export interface ReadMetrics {
  readonly families: ReadonlyMap<string, ReadFamily>;
  /** By name and labels, as they are written. */
  readonly samples: ReadonlyMap<string, number>;
  /** Of all samples. */
  readonly names: ReadonlySet<string>;
}

const NAME = /[a-z_:][\w:]*/iy;
const LABEL = /[a-z_]\w*="(?:[^"\\]|\\[\\"n])*"[,}]/iy;
const VALUE = / (NaN|[+-]Inf|-?\d[\d.e+-]*)$/y;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  summary: ['', '_sum', '_count'],
  histogram: ['_bucket', '_sum', '_count'],
};

/** Throws an Error that names the first line that is wrong. */
export function readMetrics(text: string): ReadMetrics {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, ReadFamily>();
  const samples = new Map<string, number>();
  const names = new Set<string>();
  let current = '';
  let help = '';
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '# EOF') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, what, name, rest] = comment as unknown as [string, string, string, string];
      if (what === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        [current, help] = [name, rest];
      } else if (name !== current) throw new Error(`a TYPE without its HELP: ${line}`);
      else families.set(name, { type: rest, help });
      continue;
    }
    const { name, labels, value } = readSample(line);
    const type = families.get(current)?.type ?? '';
    const isPart = (suffixes[type] ?? []).some((suffix) => name === current + suffix);
    if (!isPart && !(type === 'counter' && name === `${current}_total`)) {
      throw new Error(`${name} stands among the samples of ${current}`);
    }
    if (samples.has(name + labels)) throw new Error(`${name}${labels} comes twice`);
    samples.set(name + labels, value);
    names.add(name);
  }
  return { families, samples, names };
}

function readSample(line: string): { readonly name: string; readonly labels: string; readonly value: number } {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0] ?? '';
  let at = name.length;
  if (line[at] === '{') {
    at += 1;
    do {
      LABEL.lastIndex = at;
      at += LABEL.exec(line)?.[0].length ?? line.length + 1;
    } while (line[at - 1] === ',');
  }
  VALUE.lastIndex = at;
  const value = VALUE.exec(line)?.[1];
  if (value === undefined || name === '') throw new Error(`this is no sample: ${line}`);
  return { name, labels: line.slice(name.length, at), value: Number(value.replace('Inf', 'Infinity')) };
}
