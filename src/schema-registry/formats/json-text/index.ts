// JSON texts for the schema languages that are written in it.
export * from './json-parse.ts';
export * from './json-print.ts';
export * from './json-value.ts';
