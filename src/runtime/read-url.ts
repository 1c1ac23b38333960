// Fetching from the web as a port: for keys and tokens of OAuth providers, and for metrics that are sent away; nothing else.

/** What is sent where a URL is not only read. */
export interface UrlPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The text behind an http: or https: URL, or what is answered to `post`. Rejects with an Error: redirects are not followed, an answer
 * that is long or slow is not waited for. Whoever calls it has made sure that the URL is one that the operator allows.
 */
export type ReadUrl = (url: string, post?: UrlPost) => Promise<string>;
