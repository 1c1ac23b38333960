// Rare branches, forced. A place in the code whose other way is correct but seldom taken (a snapshot after every record, an answer
// of one batch, a list cut short) asks here under a name of its own. Outside of a simulation nobody answers, and nothing is rare.

export interface Rare {
  /** Whether the rare way is taken this time. The same name means the same place. */
  happens(name: string): boolean;
}
