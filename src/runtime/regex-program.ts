// Runs a compiled regular expression over a whole text, all ways at once (Thompson, Pike: a set of places in the program for each
// character). The steps are at most instructions times characters, and cheap, so that the bound on both is one on time: the
// engine's own machines take up to a microsecond for each, and a hostile expression a second for one topic's name.
import { AssertionFailure } from './assert.ts';

/** One instruction, as re2js has compiled it. */
export interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  matchRune(rune: number): boolean;
}

export interface Program {
  readonly start: number;
  readonly inst: readonly Instruction[];
}

/** The instructions of RE2. */
const Op = {
  ALT: 1,
  ALT_MATCH: 2,
  CAPTURE: 3,
  EMPTY_WIDTH: 4,
  FAIL: 5,
  MATCH: 6,
  NOP: 7,
  RUNE: 8,
  RUNE1: 9,
  RUNE_ANY: 10,
  RUNE_ANY_NOT_NL: 11,
} as const;

/** What an empty-width instruction asks of its place (RE2's EmptyOp). */
const BEGIN_LINE = 1;
const END_LINE = 2;
const BEGIN_TEXT = 4;
const END_TEXT = 8;
const WORD_BOUNDARY = 16;
const NO_WORD_BOUNDARY = 32;

const NO_RUNE = -1;
const NEWLINE = 10;

/** A set of places in the program, and which of them are to be gone on with, in the order in which they were found. */
class Places {
  readonly #step: Int32Array;
  readonly found: Int32Array;
  count = 0;
  #now = 0;

  constructor(size: number) {
    this.#step = new Int32Array(size);
    this.found = new Int32Array(size);
  }

  clear(): void {
    this.#now += 1;
    this.count = 0;
  }

  reset(): void {
    this.#step.fill(0);
    this.#now = 0;
  }

  /** False when it was there. */
  add(place: number): boolean {
    if (this.#step[place] === this.#now) return false;
    this.#step[place] = this.#now;
    return true;
  }
}

export class RegexProgram {
  readonly #start: number;
  readonly #instructions: readonly Instruction[];
  readonly #ops: Uint8Array;
  readonly #outs: Int32Array;
  readonly #args: Int32Array;
  readonly #stack: Int32Array;
  #places: Places;
  #following: Places;

  constructor({ start, inst }: Program) {
    this.#start = start;
    this.#instructions = inst;
    this.#ops = Uint8Array.from(inst, ({ op }) => op);
    this.#outs = Int32Array.from(inst, ({ out }) => out);
    this.#args = Int32Array.from(inst, ({ arg }) => arg);
    this.#stack = new Int32Array(inst.length + 1);
    this.#places = new Places(inst.length);
    this.#following = new Places(inst.length);
  }

  get size(): number {
    return this.#ops.length;
  }

  /** Whether the whole text is matched. */
  matches(text: string): boolean {
    this.#places.reset();
    this.#following.reset();
    let rune = runeAt(text, 0);
    this.#places.clear();
    this.#follow(this.#places, this.#start, contextOf(NO_RUNE, rune));
    for (let at = 0; at < text.length; ) {
      at += rune > 0xffff ? 2 : 1;
      const next = runeAt(text, at);
      this.#step(rune, contextOf(rune, next));
      if (this.#places.count === 0) return false;
      rune = next;
    }
    const { found, count } = this.#places;
    for (let index = 0; index < count; index++) if (this.#ops[found[index] as number] === Op.MATCH) return true;
    return false;
  }

  /** All places that take `rune` go on. */
  #step(rune: number, context: number): void {
    const [places, following] = [this.#places, this.#following];
    following.clear();
    for (let index = 0; index < places.count; index++) {
      const place = places.found[index] as number;
      if (this.#takes(place, rune)) this.#follow(following, this.#outs[place] as number, context);
    }
    this.#places = following;
    this.#following = places;
  }

  #takes(place: number, rune: number): boolean {
    switch (this.#ops[place]) {
      case Op.RUNE:
      case Op.RUNE1:
        return (this.#instructions[place] as Instruction).matchRune(rune);
      case Op.RUNE_ANY:
        return true;
      case Op.RUNE_ANY_NOT_NL:
        return rune !== NEWLINE;
      default:
        return false;
    }
  }

  /** Adds `from` and whatever can be reached from it without a character. */
  #follow(places: Places, from: number, context: number): void {
    const stack = this.#stack;
    let depth = 0;
    if (places.add(from)) stack[depth++] = from;
    while (depth > 0) {
      const place = stack[--depth] as number;
      const [out, arg] = [this.#outs[place] as number, this.#args[place] as number];
      switch (this.#ops[place]) {
        case Op.ALT:
        case Op.ALT_MATCH:
          if (places.add(arg)) stack[depth++] = arg;
          if (places.add(out)) stack[depth++] = out;
          break;
        case Op.EMPTY_WIDTH:
          if ((arg & ~context) === 0 && places.add(out)) stack[depth++] = out;
          break;
        case Op.CAPTURE:
        case Op.NOP:
          if (places.add(out)) stack[depth++] = out;
          break;
        case Op.FAIL:
          break;
        case Op.MATCH:
        case Op.RUNE:
        case Op.RUNE1:
        case Op.RUNE_ANY:
        case Op.RUNE_ANY_NOT_NL:
          places.found[places.count++] = place;
          break;
        default:
          throw new AssertionFailure('an instruction that RE2 has not');
      }
    }
  }
}

function runeAt(text: string, at: number): number {
  return text.codePointAt(at) ?? NO_RUNE;
}

/** What holds between two characters. */
function contextOf(before: number, after: number): number {
  let context = isWord(before) === isWord(after) ? NO_WORD_BOUNDARY : WORD_BOUNDARY;
  if (before === NO_RUNE) context |= BEGIN_TEXT | BEGIN_LINE;
  if (before === NEWLINE) context |= BEGIN_LINE;
  if (after === NO_RUNE) context |= END_TEXT | END_LINE;
  if (after === NEWLINE) context |= END_LINE;
  return context;
}

function isWord(rune: number): boolean {
  return (
    (rune >= 0x30 && rune <= 0x39) || (rune >= 0x41 && rune <= 0x5a) || rune === 0x5f || (rune >= 0x61 && rune <= 0x7a)
  );
}
