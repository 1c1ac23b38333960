// How the forms of our own commands are written down.

export interface OwnForm {
  /** `$B` is the broker, `$R` a registry beside it, `$L` where it keeps its logs, `$H` the directory of files. */
  readonly words: readonly string[];
  readonly input?: string;
  /** Files that are there before it runs, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** What clients do to the broker before it runs. */
  readonly prepare?: (bootstrap: string) => Promise<void>;
  /** Answers that come in no promised order: lines are sorted before they are compared. */
  readonly isUnordered?: boolean;
  /** Lines that are the broker's own business, by nature another one on each: left out on both sides. */
  readonly leftOut?: RegExp;
  /** Numbers are the run's own: sizes, offsets of what the broker keeps for itself, what was measured. */
  readonly hasOwnFigures?: boolean;
}

export const form = (text: string, more: Partial<OwnForm> = {}): OwnForm => ({
  words: text.split(' ').filter((word) => word !== ''),
  ...more,
});

export const UNORDERED = { isUnordered: true } as const;
export const FIGURES = { hasOwnFigures: true } as const;
