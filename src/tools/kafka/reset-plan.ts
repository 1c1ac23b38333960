// The CSV that --export writes and --from-file reads: `"topic",0,5`, with the group in front where there are several
// (org.apache.kafka.tools.consumer.group.CsvUtils).
import { JavaError } from './java-error.ts';
import { hashOrderOfPlaces } from './java-order.ts';
import type { NewOffset } from './offset-resets.ts';

/** By group. Throws JavaError. */
export function resetPlanIn(text: string, groups: readonly string[]): Map<string, NewOffset[]> {
  const lines = text.split('\n');
  while (lines.at(-1) === '') lines.pop();
  const [onlyGroup] = groups;
  const isOfOne = groups.length === 1 && cellsOf(lines[0] ?? '').length === COLUMNS;
  const plan = new Map<string, NewOffset[]>();
  for (const line of lines) {
    const cells = cellsOf(line);
    const [group, topic, partition, offset] = isOfOne ? [onlyGroup, ...cells] : cells;
    if (group === undefined || topic === undefined || !isNumber(partition) || !isNumber(offset)) throw unreadable(line);
    plan.set(group, [...(plan.get(group) ?? []), { topic, partition: Number(partition), offset: Number(offset) }]);
  }
  return plan;
}

const COLUMNS = 3;

const isNumber = (text: string | undefined): boolean => text !== undefined && /^\s*[-+]?\d+\s*$/.test(text);

const unreadable = (line: string): JavaError =>
  new JavaError('java.lang.RuntimeException', `com.fasterxml.jackson.databind.RuntimeJsonMappingException: ${line}`);

function cellsOf(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map(([, cell = '']) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
    .slice(0, line.endsWith(',') ? undefined : -1);
}

export function resetPlanText(resets: ReadonlyMap<string, readonly NewOffset[]>, hasGroups: boolean): string {
  const lines = [...resets].flatMap(([group, offsets]) =>
    hashOrderOfPlaces(offsets).map(({ topic, partition, offset }) => {
      const place = `${quoted(topic)},${partition},${offset}\n`;
      return hasGroups ? `${quoted(group)},${place}` : place;
    }),
  );
  return lines.join('');
}

/** As Jackson's CsvGenerator does when it is loose about quotes: short texts without special characters stand bare. */
function quoted(text: string): string {
  return text.length <= LONGEST_BARE && !/[^-\w.#$%&'()*/:;<=>?@[\]^`{|}~!+ ]|^#/.test(text)
    ? text
    : `"${text.replaceAll('"', '""')}"`;
}

const LONGEST_BARE = 24;
