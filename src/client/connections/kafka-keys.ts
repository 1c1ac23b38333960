// Kafka's dotted keys as a program has given them (bootstrap.servers, linger.ms ...): read by whoever acts on them.
import { ConfigurationError } from '../errors.ts';

export class KafkaKeys {
  readonly #values: ReadonlyMap<string, string>;

  constructor(given: Readonly<Record<string, string | number | boolean>> = {}) {
    this.#values = new Map(Object.entries(given).map(([key, value]) => [key, String(value).trim()]));
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** As it was given: '' where that is nothing. */
  given(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** undefined: not given, or given as nothing. */
  text(key: string): string | undefined {
    const value = this.#values.get(key);
    return value === '' ? undefined : value;
  }

  /** Throws ConfigurationError when it is no whole number, or below `least`. */
  number(key: string, least = 0): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value)) throw new ConfigurationError(`${key}: '${text}' is no number`);
    if (!Number.isInteger(value)) throw new ConfigurationError(`${key}: '${text}' is no whole number`);
    if (value < least) throw new ConfigurationError(`${key}: ${text} is below ${least}`);
    return value;
  }

  /** Throws ConfigurationError when it is neither true nor false. */
  flag(key: string): boolean | undefined {
    const text = this.text(key)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text !== 'true' && text !== 'false')
      throw new ConfigurationError(`${key}: '${text}' is neither true nor false`);
    return text === 'true';
  }

  /** Throws ConfigurationError when it is none of `values`. */
  oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const found = values.find((value) => value.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw new ConfigurationError(`${key}: '${text}' is none of ${values.join(', ')}`);
    return found;
  }

  /** Without white space round the items, and without empty ones. */
  list(key: string): readonly string[] | undefined {
    return this.text(key)
      ?.split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
}
