// One request and its answer, as a connection handles them: without knowing of which API they are.
import { codecOf } from '../compile.ts';
import { encodeRequestFrame } from '../framing.ts';
import type { RequestHeaderInput } from '../headers.ts';
import type { Reader } from '../reader.ts';
import type { ApiSchema, Fields, InputOf, ValueOf } from '../schema.ts';
import type { Writer } from '../writer.ts';

export interface Exchange {
  readonly api: Pick<ApiSchema, 'key' | 'name' | 'versions' | 'latestVersionUnstable'>;
  /** The version that the request has to be sent in; undefined: the newest that both sides know. */
  readonly version: number | undefined;
  /** Of those that both sides know, the newest that may be chosen. */
  readonly newestVersion: number | undefined;
  /** Throws EncodeError when the version cannot carry the request. */
  encode(writer: Writer, header: RequestHeaderInput): readonly Uint8Array[];
  /** Throws DecodeError when the bytes are no answer in that version. */
  answered(reader: Reader, version: number): void;
  failed(error: Error): void;
  /** The peer does not answer (Produce with acks=0): it is over when it has been sent. */
  readonly sent?: () => void;
}

/** A request, or how it is put in the version that is agreed on: some say the same in other fields. */
export type Question<Q extends Fields> = InputOf<Q> | ((version: number) => InputOf<Q>);

export function exchangeOf<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  request: Question<Q>,
  options: {
    readonly version?: number | undefined;
    readonly newestVersion?: number | undefined;
    /** Called at its end, before whoever asked is told. */
    readonly settled?: () => void;
  } = {},
): { readonly exchange: Exchange; readonly response: Promise<ValueOf<S>> } {
  let resolve: (response: ValueOf<S>) => void;
  let reject: (error: Error) => void;
  const response = new Promise<ValueOf<S>>((...settle) => {
    [resolve, reject] = settle;
  });
  const exchange: Exchange = {
    api,
    version: options.version,
    newestVersion: options.newestVersion,
    encode: (writer, header) => {
      const version = header.requestApiVersion;
      const input = typeof request === 'function' ? request(version) : request;
      return encodeRequestFrame(writer, header, codecOf(api.request, version), input);
    },
    answered: (reader, sentVersion) => {
      const answer = codecOf(api.response, sentVersion).decode(reader);
      options.settled?.();
      resolve(answer);
    },
    failed: (error) => {
      options.settled?.();
      reject(error);
    },
  };
  return { exchange, response };
}

/** One that has no answer. */
export function messageOf<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  request: Question<Q>,
  options: { readonly newestVersion?: number | undefined; readonly settled: () => void },
): { readonly exchange: Exchange; readonly sent: Promise<undefined> } {
  let resolve: (nothing: undefined) => void;
  const { exchange, response } = exchangeOf(api, request, options);
  const left = new Promise<undefined>((settle) => {
    resolve = settle;
  });
  const sent = (): void => {
    options.settled();
    resolve(undefined);
  };
  return { exchange: { ...exchange, sent }, sent: Promise.race([left, response as Promise<never>]) };
}
