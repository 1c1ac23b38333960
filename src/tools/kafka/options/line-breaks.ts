// Where a line may end: java.text.BreakIterator.getLineInstance() of the JDK, after which both joptsimple and argparse4j wrap their
// help. A word is what sticks to it in front (opening brackets, currency signs), a core (letters and signs, or a number with its
// dashes and dots), and what sticks to it behind (dashes, or closing punctuation); spaces and one line end belong to the word before
// them. So there is a break behind the two dashes of "--topic" and behind a dot inside "a.b", but none inside "3.5".

const BREAK = '\\x03\\t\\f\\n\\u2028\\u2029';
/** The JDK holds apostrophe and dollar sign together with what stands around them, as it does a non-breaking space. */
const NO_BREAK = "$'\\u00a0\\u0f0c\\u2007\\u2011\\u202f\\ufeff";
const SPACE = `(?:(?![${NO_BREAK}${BREAK}\\r])[\\p{Zs}\\p{Cc}])`;
const DASH = '(?:(?!\\u2011)\\p{Pd}|\\u00ad)';
const BEFORE = '(?:(?![$\\u00a2])[\\p{Sc}\\p{Ps}\\p{Pi}"])';
/** An empty pair of brackets goes with the word before it. */
const AFTER = '(?:\\(\\)|[\\p{Pe}\\p{Pf}!%.,:;?"\\u00a2\\u00b0\\u2030-\\u2034\\u2103])';
const OTHER = `(?:(?![${BREAK}${NO_BREAK}\\r.,]|${SPACE}|${DASH}|${BEFORE}|${AFTER}).)`;
const NUMBER = `(?:${BEFORE}|${DASH})*\\p{Nd}+(?:[.,]\\p{Nd}+)*`;
const SUFFIX = `(?:${DASH}+|${AFTER}*)`;

const NUMBER_WORD = new RegExp(`${NUMBER}${SUFFIX}`, 'suy');
const OTHER_WORD = new RegExp(`${BEFORE}*${OTHER}*${SUFFIX}`, 'suy');
const GLUE = new RegExp(`[${NO_BREAK}]+`, 'uy');
const TAIL = new RegExp(`${SPACE}*\\r?[${BREAK}]?`, 'suy');

/** The text cut at each place where a line may end; together they are the text. */
export function linePieces(text: string): string[] {
  const pieces: string[] = [];
  let at = 0;
  while (at < text.length) {
    const end = Math.max(pieceEnd(text, at), at + 1);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function pieceEnd(text: string, from: number): number {
  let at = wordEnd(text, from);
  for (let glued = matchEnd(GLUE, text, at); glued > at; glued = matchEnd(GLUE, text, at)) at = wordEnd(text, glued);
  return matchEnd(TAIL, text, at);
}

/** The longer one counts: "-3" before ">", but "3>" as one. */
function wordEnd(text: string, at: number): number {
  return Math.max(matchEnd(NUMBER_WORD, text, at), matchEnd(OTHER_WORD, text, at));
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
