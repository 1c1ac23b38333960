// From a text and its references to a parsed schema: the texts behind the references are looked up under their subjects, and theirs,
// each once. What the store has taken is parsed when it is first needed. Confluent's AbstractSchemaProvider.
import type { StoredSchema } from '../schemas/entities.ts';
import {
  InvalidSchemaError,
  type ParsedSchema,
  type SchemaFormat,
  schemaFormat,
  type SchemaReference,
} from '../formats/index.ts';
import type { RegistryState } from '../store/registry-state.ts';
import { besides } from '../schemas/subjects.ts';
import { type Candidate, candidateText, referencesText } from './candidate.ts';
import { latestOf } from './queries.ts';
import { invalidSchema } from '../schemas/registry-error.ts';

export interface ParseOptions {
  /** The stricter rules for what comes in now; deleted versions cannot be referred to. */
  readonly asNew: boolean;
  readonly normalize: boolean;
}

type Source = Pick<StoredSchema, 'subject' | 'references' | 'schema'> & { readonly schemaType: string };

/** More levels of references than this are a circle. */
const DEEPEST_REFERENCE = 100;
const MOST_REFERENCES = 1000;

export class SchemaParser {
  readonly #state: () => RegistryState;
  readonly #parsed = new WeakMap<StoredSchema, ParsedSchema>();

  constructor(state: () => RegistryState) {
    this.#state = state;
  }

  /** Rejects with RegistryError 42201. */
  async candidate(candidate: Candidate, { asNew, normalize }: ParseOptions): Promise<ParsedSchema> {
    try {
      const parsed = await this.#parse(candidate, asNew);
      return normalize ? parsed.normalized() : parsed;
    } catch (error) {
      if (!(error instanceof InvalidSchemaError)) throw error;
      const { schemaType, references } = candidate;
      throw invalidSchema(
        `Invalid schema ${candidateText(candidate)} with refs ${referencesText(references)} of type ${schemaType}, details: ${error.message}`,
      );
    }
  }

  /** Rejects with RegistryError 42201: the store has it from somebody who took more than we do, or what it refers to is gone. */
  async stored(stored: StoredSchema): Promise<ParsedSchema> {
    const known = this.#parsed.get(stored);
    if (known !== undefined) return known;
    try {
      const parsed = await this.#parse(stored, false);
      this.#parsed.set(stored, parsed);
      return parsed;
    } catch (error) {
      if (!(error instanceof InvalidSchemaError)) throw error;
      throw invalidSchema(`Invalid schema of type ${stored.schemaType}, details: ${error.message}`);
    }
  }

  /** Rejects with RegistryError 42201 for a language that nobody knows. */
  async format(schemaType: string): Promise<SchemaFormat> {
    const format = schemaFormat(schemaType);
    if (format === undefined) throw invalidSchema(`Invalid schema type ${schemaType}`);
    return format;
  }

  async #parse({ subject, references, schema, schemaType }: Source, asNew: boolean): Promise<ParsedSchema> {
    const format = await this.format(schemaType);
    const resolved = new Map<string, string>();
    const exact = this.#resolve(subject, references, { resolved, asNew, depth: 0 });
    return format.parse({ text: schema, references: exact, resolved, asNew });
  }

  /** The references with the latest version by its number. Throws InvalidSchemaError. */
  #resolve(
    subject: string,
    references: readonly SchemaReference[],
    into: { readonly resolved: Map<string, string>; readonly asNew: boolean; readonly depth: number },
  ): SchemaReference[] {
    const { resolved, asNew, depth } = into;
    if (depth > DEEPEST_REFERENCE) throw new InvalidSchemaError('References go too deep, or in a circle');
    return references.map((reference) => {
      const place = besides(subject, reference.subject);
      const found = this.#referred(place, reference.version, !asNew);
      if (found === undefined) {
        throw new InvalidSchemaError(
          `No schema reference found for subject "${place}" and version ${reference.version}`,
        );
      }
      const exact = { ...reference, version: found.version };
      if (resolved.has(reference.name)) return exact;
      if (resolved.size >= MOST_REFERENCES) throw new InvalidSchemaError(`More than ${MOST_REFERENCES} references`);
      this.#resolve(found.subject, found.references, { resolved, asNew, depth: depth + 1 });
      // Those that it needs stand before it.
      resolved.delete(reference.name);
      resolved.set(reference.name, found.schema);
      return exact;
    });
  }

  #referred(subject: string, version: number, takesDeleted: boolean): StoredSchema | undefined {
    const state = this.#state();
    if (version === -1) return latestOf(state, subject);
    const found = state.schema(subject, version);
    return found?.deleted === true && !takesDeleted ? undefined : found;
  }
}
