// Fetching from the web as a port: for keys of OAuth providers, and nothing else.

/**
 * The text behind an http: or https: URL. Rejects with an Error: redirects are not followed, an answer that is long or slow is not
 * waited for. Whoever calls it has made sure that the URL is one that the operator allows.
 */
export type ReadUrl = (url: string) => Promise<string>;
