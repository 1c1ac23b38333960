// `ottla consume --where CONDITION`: a small language over one record, compiled to closures by a parser of its own. It reaches nothing
// but the record, has no loops, and looks at each part of a record once for each time that it is named.
//
//   condition   = both ('or' | '||') both …            both = not ('and' | '&&') not …            not = ('not' | '!') not | compared
//   compared    = sum [('==' '!=' '<' '<=' '>' '>=' '=~' '!~' 'contains' 'startsWith' 'endsWith' 'in') sum]
//   sum         = product (('+' | '-') product) …      product = unary (('*' '/' '%') unary) …      unary = ['-'] operand
//   operand     = number | text | true | false | null | [list] | (condition) | function(…) | name ( .name | [index] | ["name"] ) …
//   name        = key value topic partition offset timestamp headers keySize valueSize, and what stands in a value that is JSON
//
// What is not there is null. Values of different kinds are unequal, and neither is less than the other.
import { loadRegexEngine, type RegexEngine } from '../../../runtime/index.ts';
import { type RecordFacts, type Value, factOf, isFactName, memberOf } from './record-facts.ts';
import { type Token, tokensOf, WhereError } from './where-tokens.ts';
import { FUNCTIONS } from './where-functions.ts';

type Evaluate = (record: RecordFacts) => Value;

const DEEPEST = 200;

export interface Condition {
  matches(record: RecordFacts): boolean;
}

/** Rejects with WhereError. */
export async function compileCondition(text: string): Promise<Condition> {
  // Only those that hold a regular expression load the engine.
  const engine = /=~|!~/.test(text) ? await loadRegexEngine() : undefined;
  const parser = new ConditionParser(text, engine);
  const evaluate = parser.whole();
  return { matches: (record) => isTrue(evaluate(record)) };
}

function isTrue(value: Value): boolean {
  return value === true || (typeof value === 'number' && value !== 0) || (typeof value === 'string' && value !== '');
}

class ConditionParser {
  readonly #condition: string;
  readonly #engine: RegexEngine | undefined;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(condition: string, engine: RegexEngine | undefined) {
    this.#condition = condition;
    this.#engine = engine;
    this.#tokens = tokensOf(condition);
  }

  whole(): Evaluate {
    const evaluate = this.#either();
    if (this.#token.kind !== 'end') this.#fail(`nothing is expected before ${JSON.stringify(this.#token.text)}`);
    return evaluate;
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #fail(message: string, at = this.#token.at): never {
    throw new WhereError(message, this.#condition, at);
  }

  /** One of these words or signs, if it stands here. */
  #take(...texts: readonly string[]): string | undefined {
    const { kind, text } = this.#token;
    if ((kind !== 'sign' && kind !== 'name') || !texts.includes(text)) return undefined;
    this.#next += 1;
    return text;
  }

  #expect(text: string): void {
    if (this.#take(text) === undefined) this.#fail(`a ${JSON.stringify(text)} is missing`);
  }

  #either(): Evaluate {
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.#fail(`it is nested more than ${DEEPEST} deep`);
    const parts = [this.#both()];
    while (this.#take('or', '||') !== undefined) parts.push(this.#both());
    this.#depth -= 1;
    return parts.length === 1 ? (parts[0] as Evaluate) : (record) => parts.some((part) => isTrue(part(record)));
  }

  #both(): Evaluate {
    const parts = [this.#negated()];
    while (this.#take('and', '&&') !== undefined) parts.push(this.#negated());
    return parts.length === 1 ? (parts[0] as Evaluate) : (record) => parts.every((part) => isTrue(part(record)));
  }

  #negated(): Evaluate {
    let isNegated = false;
    let isAsked = false;
    while (this.#take('not', '!') !== undefined) {
      isNegated = !isNegated;
      isAsked = true;
    }
    const inner = this.#compared();
    return isAsked ? (record) => isTrue(inner(record)) !== isNegated : inner;
  }

  #compared(): Evaluate {
    const left = this.#sum();
    const pattern = this.#take('=~', '!~');
    if (pattern !== undefined) return this.#matched(left, pattern === '!~');
    const isNot = this.#token.text === 'not' && this.#tokens[this.#next + 1]?.text === 'in';
    if (isNot) this.#next += 1;
    const sign = this.#take(...Object.keys(COMPARISONS));
    if (sign === undefined) return left;
    const right = this.#sum();
    const compare = COMPARISONS[sign] as (one: Value, other: Value) => boolean;
    return (record) => compare(left(record), right(record)) !== isNot;
  }

  #matched(left: Evaluate, isNegated: boolean): Evaluate {
    const { kind, text, at } = this.#token;
    if (kind !== 'text') this.#fail('a regular expression stands in quotes');
    this.#next += 1;
    // Anywhere in the text, as people expect of =~; the engine matches whole texts.
    const regex = this.#compiledRegex(`(?s:.*)(?:${text})(?s:.*)`, at);
    return (record) => {
      const value = left(record);
      return value !== null && regex.matches(shown(value)) !== isNegated;
    };
  }

  #compiledRegex(pattern: string, at: number): { matches(text: string): boolean } {
    try {
      return (this.#engine as RegexEngine).compile(pattern);
    } catch (error) {
      return this.#fail((error as Error).message, at);
    }
  }

  #sum(): Evaluate {
    let left = this.#product();
    for (let sign = this.#take('+', '-'); sign !== undefined; sign = this.#take('+', '-')) {
      left = calculated(sign, left, this.#product());
    }
    return left;
  }

  #product(): Evaluate {
    let left = this.#unary();
    for (let sign = this.#take('*', '/', '%'); sign !== undefined; sign = this.#take('*', '/', '%')) {
      left = calculated(sign, left, this.#unary());
    }
    return left;
  }

  #unary(): Evaluate {
    if (this.#take('-') === undefined) return this.#operand();
    const inner = this.#operand();
    return (record) => {
      const value = inner(record);
      return typeof value === 'number' ? -value : null;
    };
  }

  #operand(): Evaluate {
    const { kind, text, at } = this.#token;
    if (this.#take('(') !== undefined) {
      const inner = this.#either();
      this.#expect(')');
      return inner;
    }
    if (this.#take('[') !== undefined) return this.#list(']');
    if (kind !== 'number' && kind !== 'text' && kind !== 'name') this.#fail('a name, a number or a text is missing');
    this.#next += 1;
    if (kind === 'number') return constant(Number(text));
    if (kind === 'text') return constant(text);
    if (text in WORDS) return constant(WORDS[text] as Value);
    if (this.#token.text === '(' && this.#token.kind === 'sign') return this.#called(text, at);
    return this.#path(text, at);
  }

  #list(end: string): (record: RecordFacts) => Value[] {
    const items: Evaluate[] = [];
    while (this.#take(end) === undefined) {
      if (items.length > 0) this.#expect(',');
      items.push(this.#either());
    }
    return (record) => items.map((item) => item(record));
  }

  #called(name: string, at: number): Evaluate {
    const call = FUNCTIONS[name];
    if (call === undefined) this.#fail(`there is no function ${name}: ${Object.keys(FUNCTIONS).join(', ')}`, at);
    this.#expect('(');
    const list = this.#list(')');
    return (record) => call(list(record));
  }

  #path(name: string, at: number): Evaluate {
    if (!isFactName(name)) this.#fail(`a record has no ${name}; begin with value.${name} for what stands in it`, at);
    let evaluate: Evaluate = (record) => factOf(record, name);
    for (;;) {
      const outer = evaluate;
      if (this.#take('.') !== undefined) {
        const member = this.#token;
        if (member.kind !== 'name') this.#fail('a name is missing behind the point');
        this.#next += 1;
        evaluate = (record) => memberOf(outer(record), member.text);
      } else if (this.#take('[') !== undefined) {
        const index = this.#either();
        this.#expect(']');
        evaluate = (record) => memberOf(outer(record), index(record));
      } else return evaluate;
    }
  }
}

const WORDS: Readonly<Record<string, Value>> = { true: true, false: false, null: null };

const constant =
  (value: Value): Evaluate =>
  () =>
    value;

const COMPARISONS: Readonly<Record<string, (one: Value, other: Value) => boolean>> = {
  '==': equal,
  '=': equal,
  '!=': (one, other) => !equal(one, other),
  '<': (one, other) => ordered(one, other, (order) => order < 0),
  '<=': (one, other) => ordered(one, other, (order) => order <= 0),
  '>': (one, other) => ordered(one, other, (order) => order > 0),
  '>=': (one, other) => ordered(one, other, (order) => order >= 0),
  contains: (one, other) =>
    Array.isArray(one) ? one.some((item) => equal(item, other)) : shown(one).includes(shown(other)),
  startsWith: (one, other) => one !== null && shown(one).startsWith(shown(other)),
  endsWith: (one, other) => one !== null && shown(one).endsWith(shown(other)),
  in: (one, other) => Array.isArray(other) && other.some((item) => equal(one, item as Value)),
};

function equal(one: Value, other: Value): boolean {
  if (typeof one === 'object' && typeof other === 'object' && one !== null && other !== null) {
    return JSON.stringify(one) === JSON.stringify(other);
  }
  return one === other;
}

function ordered(one: Value, other: Value, isWanted: (order: number) => boolean): boolean {
  if (typeof one === 'number' && typeof other === 'number') return isWanted(one - other);
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  return isWanted(one === other ? 0 : one < other ? -1 : 1);
}

function calculated(sign: string, left: Evaluate, right: Evaluate): Evaluate {
  return (record) => {
    const one = left(record);
    const other = right(record);
    if (sign === '+' && (typeof one === 'string' || typeof other === 'string')) return shown(one) + shown(other);
    if (typeof one !== 'number' || typeof other !== 'number') return null;
    if (sign === '+') return one + other;
    if (sign === '-') return one - other;
    if (sign === '*') return one * other;
    return sign === '/' ? one / other : one % other;
  };
}

/** A value where a text is wanted. */
function shown(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
