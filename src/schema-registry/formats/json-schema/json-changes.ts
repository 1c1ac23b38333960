// Which changes of a JSON Schema a reader bears, and what to say about the others. The names are Confluent's.
import type { CompatibilityPolicy } from '../schema-format.ts';

const BORNE = new Set(
  `ID_CHANGED DESCRIPTION_CHANGED TITLE_CHANGED DEFAULT_CHANGED SCHEMA_REMOVED TYPE_EXTENDED
   MAX_LENGTH_INCREASED MAX_LENGTH_REMOVED MIN_LENGTH_DECREASED MIN_LENGTH_REMOVED PATTERN_REMOVED
   MAXIMUM_INCREASED MAXIMUM_REMOVED MINIMUM_DECREASED MINIMUM_REMOVED
   EXCLUSIVE_MAXIMUM_INCREASED EXCLUSIVE_MAXIMUM_REMOVED EXCLUSIVE_MINIMUM_DECREASED EXCLUSIVE_MINIMUM_REMOVED
   MULTIPLE_OF_REDUCED MULTIPLE_OF_REMOVED
   REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED REQUIRED_ATTRIBUTE_REMOVED
   DEPENDENCY_ARRAY_NARROWED DEPENDENCY_ARRAY_REMOVED DEPENDENCY_SCHEMA_REMOVED
   MAX_PROPERTIES_INCREASED MAX_PROPERTIES_REMOVED MIN_PROPERTIES_DECREASED MIN_PROPERTIES_REMOVED
   ADDITIONAL_PROPERTIES_ADDED ADDITIONAL_PROPERTIES_EXTENDED
   UNEVALUATED_PROPERTIES_ADDED UNEVALUATED_PROPERTIES_EXTENDED
   PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL
   REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL
   PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL
   PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
   MAX_ITEMS_INCREASED MAX_ITEMS_REMOVED MIN_ITEMS_DECREASED MIN_ITEMS_REMOVED
   MAX_CONTAINS_INCREASED MAX_CONTAINS_REMOVED MIN_CONTAINS_DECREASED MIN_CONTAINS_REMOVED UNIQUE_ITEMS_REMOVED
   ADDITIONAL_ITEMS_ADDED ADDITIONAL_ITEMS_EXTENDED UNEVALUATED_ITEMS_ADDED UNEVALUATED_ITEMS_EXTENDED
   ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL ITEM_ADDED_TO_CLOSED_CONTENT_MODEL
   ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL
   ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
   ENUM_ARRAY_EXTENDED COMBINED_TYPE_EXTENDED PRODUCT_TYPE_NARROWED SUM_TYPE_EXTENDED NOT_TYPE_NARROWED`.split(/\s+/),
);

/** Borne where the policy is LENIENT: who reads does not look at what it does not know. */
const BORNE_LENIENTLY = new Set(
  `ADDITIONAL_PROPERTIES_NARROWED ADDITIONAL_PROPERTIES_REMOVED
   UNEVALUATED_PROPERTIES_NARROWED UNEVALUATED_PROPERTIES_REMOVED
   REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL
   PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL
   PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL
   PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL`.split(/\s+/),
);

export function isBorne(type: string, policy: CompatibilityPolicy): boolean {
  return BORNE.has(type) || (policy === 'LENIENT' && BORNE_LENIENTLY.has(type));
}

type Sentence = (path: string, reader: string, writer: string) => string;

const sentences: readonly (readonly [RegExp, Sentence])[] = [
  [
    /_(OPEN_CONTENT_MODEL)$/,
    (path, reader, writer) =>
      `The ${reader} schema has an open content model and has a property or item at path '${path}' which is missing in the ${writer} schema`,
  ],
  [
    /^REQUIRED_PROPERTY_ADDED_TO_UNOPEN/,
    (path, reader, writer) =>
      `The ${reader} schema has an unopen content model and has a required property at path '${path}' which is missing in the ${writer} schema`,
  ],
  [
    /_REMOVED_FROM_CLOSED_CONTENT_MODEL$/,
    (path, reader, writer) =>
      `The ${reader} schema has a closed content model and is missing a property or item present at path '${path}' in the ${writer} schema`,
  ],
  [
    /_REMOVED_NOT_COVERED_BY/,
    (path, reader, writer) =>
      `A property or item is missing in the ${reader} schema but present at path '${path}' in the ${writer} schema and is not covered by its partially open content model`,
  ],
  [
    /_ADDED_NOT_COVERED_BY/,
    (path, reader, writer) =>
      `The ${reader} schema has a property or item at path '${path}' which is missing in the ${writer} schema and is not covered by its partially open content model`,
  ],
  [
    /^(TYPE|COMBINED_TYPE|ENUM_ARRAY)_CHANGED|^TYPE_NARROWED|SUBSCHEMAS_CHANGED/,
    (path, reader, writer) =>
      `A type at path '${path}' is different between the ${reader} schema and the ${writer} schema`,
  ],
  [
    /_NARROWED$/,
    (path, reader, writer) =>
      `An array or combined type at path '${path}' has fewer elements in the ${reader} schema than the ${writer} schema`,
  ],
  [
    /^(DEPENDENCY_ARRAY|PRODUCT_TYPE|SUM_TYPE|NOT_TYPE)_EXTENDED$/,
    (path, reader, writer) =>
      `An array or combined type at path '${path}' has more elements in the ${reader} schema than the ${writer} schema`,
  ],
  [
    /_(INCREASED|EXPANDED)$/,
    (path, reader, writer) =>
      `The value at path '${path}' in the ${reader} schema is more than its value in the ${writer} schema`,
  ],
  [
    /_DECREASED$/,
    (path, reader, writer) =>
      `The value at path '${path}' in the ${reader} schema is less than its value in the ${writer} schema`,
  ],
  [
    /_CHANGED$/,
    (path, reader, writer) => `The value at path '${path}' is different between the ${reader} and ${writer} schema`,
  ],
  [
    /_(ADDED|REMOVED)$/,
    (path, reader, writer) =>
      `The keyword at path '${path}' in the ${reader} schema is not present in the ${writer} schema`,
  ],
];

export function sentenceOf(type: string, path: string, reader: string, writer: string): string {
  return sentences.find(([pattern]) => pattern.test(type))?.[1](path, reader, writer) ?? '';
}

/** What helps where people meet the reason most. */
export function adviceOf(type: string): string | undefined {
  if (
    type === 'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL' ||
    type === 'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL'
  )
    return 'Close the model ("additionalProperties": false) before properties are added, or set the compatibility policy to LENIENT.';
  if (type === 'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL')
    return 'Keep the property, open the model, or set the compatibility policy to LENIENT.';
  return undefined;
}
