// Where a text and its lines begin and end for Java, in JavaScript's words.

/** Line terminators of Java, beside \r\n. */
export const LINE_ENDS = '\\n\\r\\u{85}\\u{2028}\\u{2029}';
export const TEXT_END = '(?![\\s\\S])';
/** At the end, or before the line terminator that ends the text. */
export const LAST_LINE_END = `(?=(?:\\r\\n|[${LINE_ENDS}])?${TEXT_END})`;
export const TEXT_START = '(?<![\\s\\S])';
