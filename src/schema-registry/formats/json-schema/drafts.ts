// Which draft a schema is of, and what that changes.
import { isObject, type Json } from '../json-text/index.ts';

export type Draft = '4' | '6' | '7' | '2019-09' | '2020-12';

const URLS: readonly (readonly [RegExp, Draft])[] = [
  [/^https?:\/\/json-schema\.org\/draft-04\/schema#?$/, '4'],
  [/^https?:\/\/json-schema\.org\/draft-06\/schema#?$/, '6'],
  [/^https?:\/\/json-schema\.org\/draft-07\/schema#?$/, '7'],
  [/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, '2019-09'],
  [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, '2020-12'],
];

/** 7 when the schema does not say, or names one that nobody knows. */
export function draftOf(schema: Json): Draft {
  const url = isObject(schema) ? schema.get('$schema') : undefined;
  if (typeof url !== 'string') return '7';
  return URLS.find(([pattern]) => pattern.test(url))?.[1] ?? '7';
}

/** From 2019 on, keywords beside a `$ref` count. */
export const isModern = (draft: Draft): boolean => draft === '2019-09' || draft === '2020-12';

/** A schema that describes schemas, at its own place on the web. */
export const isMetaSchema = (url: string): boolean => /^https?:\/\/json-schema\.org\/draft[-/]/.test(url);
