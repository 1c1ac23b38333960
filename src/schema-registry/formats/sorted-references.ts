// In which order somebody lists references means nothing.
import type { SchemaReference } from './schema-format.ts';

/** By subject and version, each once. */
export function sortedReferences(references: readonly SchemaReference[]): SchemaReference[] {
  const byText = new Map(references.map((one) => [`${one.subject}\0${one.version}\0${one.name}`, one]));
  return [...byText.values()].sort((a, b) => compareText(a.subject, b.subject) || a.version - b.version);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
