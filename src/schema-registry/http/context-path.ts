// `/contexts/.staging/subjects/s` says the same as `/subjects/:.staging:s`: a client that knows no contexts is given one by its URL.
// Confluent's ContextFilter.
import { namesContext, prefixOfName } from '../schemas/subjects.ts';

const PREFIX = '/contexts/';

/** The request without the context in its path, or the answer where a context cannot be called so. */
export function withoutContextPath(request: Request): Request | Response {
  const url = new URL(request.url);
  if (!url.pathname.startsWith(PREFIX)) return request;
  const [name = '', ...rest] = url.pathname.slice(PREFIX.length).split('/');
  const prefix = prefixOfName(decoded(name));
  if (prefix === undefined) {
    const message = `Context name '${decoded(name)}' cannot contain a colon`;
    return Response.json({ error_code: 400, message }, { status: 400 });
  }
  const segments = rest.filter((segment) => segment !== '');
  if (segments.length === 0) {
    url.pathname = prefix === '' ? '/contexts' : `${PREFIX}${encodeURIComponent(prefix)}`;
  } else {
    url.pathname = `/${qualifiedSegments(segments, prefix).join('/')}`;
    qualifyQuery(url, segments, prefix);
  }
  return new Request(url, request);
}

function qualifiedSegments(segments: readonly string[], prefix: string): string[] {
  const isSetting = segments[0] === 'config' || segments[0] === 'mode';
  const at = isSetting ? 1 : segments.indexOf('subjects') + 1;
  if (at === 0) return [...segments];
  const subject = segments[at];
  if (subject === undefined)
    return isSetting && prefix !== '' ? [...segments, encodeURIComponent(prefix)] : [...segments];
  const place = namesContext(decoded(subject)) ? subject : `${encodeURIComponent(prefix)}${subject}`;
  return segments.map((segment, index) => (index === at ? place : segment));
}

function qualifyQuery(url: URL, [first, second, ...others]: readonly string[], prefix: string): void {
  if (first === 'schemas' && second === 'ids') qualifyParameter(url, 'subject', prefix);
  else if ((first === 'schemas' || first === 'subjects') && second === undefined && others.length === 0)
    qualifyParameter(url, 'subjectPrefix', prefix);
}

function qualifyParameter(url: URL, name: string, prefix: string): void {
  const value = url.searchParams.get(name) ?? '';
  if (!namesContext(value)) url.searchParams.set(name, `${prefix}${value}`);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return segment;
    throw error;
  }
}
