// From lines to records, as org.apache.kafka.tools.LineMessageReader reads them: headers, key and value, each up to its delimiter.
import type { RecordHeader } from '../../client/index.ts';
import { javaSplit } from './regex/java-split.ts';
import { JavaError } from './java-error.ts';
import type { Properties } from './client-config.ts';

export interface ReadRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

const failure = (message: string): JavaError => new JavaError('org.apache.kafka.common.KafkaException', message);

export class LineReader {
  readonly #parsesKey: boolean;
  readonly #parsesHeaders: boolean;
  readonly #ignoresError: boolean;
  readonly #keySeparator: string;
  readonly #headersDelimiter: string;
  readonly #headersSeparator: string;
  readonly #headersKeySeparator: string;
  readonly #nullMarker: string | undefined;
  #lineNumber = 0;

  /** Throws JavaError when two of the delimiters are the same. */
  constructor(properties: Properties) {
    const isTrue = (key: string): boolean => properties[key]?.trim().toLowerCase() === 'true';
    this.#parsesKey = isTrue('parse.key');
    this.#parsesHeaders = isTrue('parse.headers');
    this.#ignoresError = isTrue('ignore.error');
    this.#keySeparator = properties['key.separator'] ?? '\t';
    this.#headersDelimiter = properties['headers.delimiter'] ?? '\t';
    this.#headersSeparator = properties['headers.separator'] ?? ',';
    this.#headersKeySeparator = properties['headers.key.separator'] ?? ':';
    this.#nullMarker = properties['null.marker'];
    this.#checkApart();
  }

  /** Throws JavaError for a line without what it has to have. */
  read(line: string): ReadRecord {
    this.#lineNumber++;
    const headers = this.#part(this.#parsesHeaders, line, 0, this.#headersDelimiter, 'headers delimiter');
    const afterHeaders = headers === undefined ? 0 : headers.length + this.#headersDelimiter.length;
    const key = this.#part(this.#parsesKey, line, afterHeaders, this.#keySeparator, 'key separator');
    const afterKey = afterHeaders + (key === undefined ? 0 : key.length + this.#keySeparator.length);
    return {
      key: key === undefined ? null : this.#bytes(key),
      value: this.#bytes(line.slice(afterKey)),
      headers: headers === undefined || headers === this.#nullMarker ? [] : this.#headers(headers),
    };
  }

  #bytes(text: string): Uint8Array | null {
    return text === this.#nullMarker ? null : Buffer.from(text, 'utf8');
  }

  #part(isParsed: boolean, line: string, from: number, separator: string, name: string): string | undefined {
    if (!isParsed) return undefined;
    const at = line.indexOf(separator, from);
    if (at >= 0) return line.slice(from, at);
    if (this.#ignoresError) return undefined;
    throw failure(`No ${name} found on line number ${this.#lineNumber}: '${line}'`);
  }

  /** The separator between headers is a regular expression, as in Java. */
  #headers(text: string): RecordHeader[] {
    return javaSplit(text, this.#headersSeparator).map((pair) => {
      const at = pair.indexOf(this.#headersKeySeparator);
      if (at < 0 && this.#ignoresError) return { key: pair, value: null };
      if (at < 0) throw failure(`No header key separator found in pair '${pair}' on line number ${this.#lineNumber}`);
      const key = pair.slice(0, at);
      if (key === this.#nullMarker) {
        throw failure(`Header keys should not be equal to the null marker '${key}' as they can't be null`);
      }
      return { key, value: this.#bytes(pair.slice(at + this.#headersKeySeparator.length)) };
    });
  }

  #checkApart(): void {
    const apart = (first: string, a: string, second: string, b: string | undefined): void => {
      if (a === b) throw failure(`${first} and ${second} may not be equal`);
    };
    const [delimiter, separator, keySeparator] = [
      this.#headersDelimiter,
      this.#headersSeparator,
      this.#headersKeySeparator,
    ];
    apart('headers.delimiter', delimiter, 'headers.separator', separator);
    apart('headers.delimiter', delimiter, 'headers.key.separator', keySeparator);
    apart('headers.separator', separator, 'headers.key.separator', keySeparator);
    const marker = 'null.marker';
    apart(marker, this.#keySeparator, 'key.separator', this.#nullMarker);
    apart(marker, separator, 'headers.separator', this.#nullMarker);
    apart(marker, delimiter, 'headers.delimiter', this.#nullMarker);
    apart(marker, keySeparator, 'headers.key.separator', this.#nullMarker);
  }
}
