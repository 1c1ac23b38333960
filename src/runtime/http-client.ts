// Asking over HTTP as a port: what a client of a schema registry needs, no more.

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** http: or https:. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

export interface HttpReply {
  readonly status: number;
  readonly body: string;
}

/** Certificates and keys as PEM. */
export interface HttpTls {
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly passphrase?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface HttpClient {
  /** Rejects with an Error when there is no whole answer; redirects are not followed. */
  call(call: HttpCall): Promise<HttpReply>;
  /** Connections that are kept open end. */
  close(): void;
}
