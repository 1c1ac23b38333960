// Serving HTTP as a port: small pages for the operator, no part of the Kafka protocol.

export interface HttpRequest {
  /** Without the query. */
  readonly path: string;
  /** The header of that name; '' when there is none. */
  readonly accept: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Pieces leave as they are made, and no faster than they are taken. */
  readonly body: string | AsyncIterable<string>;
}

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  /** Connections end with it. */
  close(): Promise<void>;
}

/** Listens; rejects with an Error whose `code` is EADDRINUSE, EACCES ... Port 0 asks for a free one. Only GET and HEAD come to `answer`. */
export type ServeHttp = (
  address: { readonly host: string; readonly port: number },
  answer: (request: HttpRequest) => HttpAnswer,
) => Promise<HttpServer>;
