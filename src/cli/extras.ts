// The tools by name, each loaded when it is asked for. Nothing of this is loaded by `ottla start`.
import { nouns, type Tool } from '../tools/index.ts';

export const extras: Readonly<Record<string, () => Promise<Tool>>> = {
  ...nouns,
};
