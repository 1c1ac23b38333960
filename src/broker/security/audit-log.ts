// Who was refused what, who logged in, and who changed what: one line each, limited by kind and by listener, so that a flood of
// them neither fills the disk nor hides the others. Names that come from outside are escaped and cut: no line can be forged with
// them. What was sent stands in no line.
import type { AuditLog, RequestContext, Session } from '../../api-handlers/index.ts';
import { apiFacts } from '../../protocol/index.ts';
import type { LogFields, LogLevel } from '../../runtime/index.ts';

type Denial = Parameters<AuditLog['denied']>[1];

const LONGEST_NAME = 256;

/** Text from outside as it may stand in a line: without control characters, line separators and lone surrogates, and not too long. */
export function escaped(text: string): string {
  const cut = text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}...` : text;
  return cut.replace(
    // oxlint-disable-next-line no-control-regex -- these are what must not come through
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Where lines go, a few of each key in a while (LimitedLog). */
export interface LineSink {
  log(level: LogLevel, message: string, fields: LogFields, key: string): void;
}

export class SecurityLog implements AuditLog {
  readonly #log: LineSink;
  readonly #adminLevel: LogLevel;

  /** `adminLevel`: of lines about administrators, who are everybody where there is no authorizer. */
  constructor(log: LineSink, adminLevel: LogLevel = 'info') {
    this.#log = log;
    this.#adminLevel = adminLevel;
  }

  denied(context: RequestContext, { operation, resource, name }: Denial): void {
    this.#log.log(
      'info',
      'denied',
      { ...askerOf(context), operation, resource, name: escaped(name) },
      keyOf('denied', context.session),
    );
  }

  admin(context: RequestContext): void {
    this.#log.log(this.#adminLevel, 'admin request', askerOf(context), keyOf('admin', context.session));
  }

  /** `mechanism`: of SASL, or how else the principal was found. */
  login(session: Session, mechanism: string): void {
    this.#log.log('info', 'login', { ...speakerOf(session), mechanism: escaped(mechanism) }, keyOf('login', session));
  }

  /** `reason` is our own words. */
  loginFailed(session: Session, mechanism: string, reason: string): void {
    const fields = { ...speakerOf(session), mechanism: escaped(mechanism), reason };
    this.#log.log('warn', 'login failed', fields, `failed ${session.remoteAddress}`);
  }
}

/** Lines of one principal do not use up the room of another's. */
const keyOf = (kind: string, { principal }: Session): string => `${kind} ${principal}`;

function speakerOf({ principal, listenerName, remoteAddress }: Session): LogFields {
  return { principal: escaped(principal), listener: listenerName, client: remoteAddress };
}

function askerOf({ session, clientId, apiKey, apiVersion, correlationId }: RequestContext): LogFields {
  return {
    ...speakerOf(session),
    clientId: escaped(clientId ?? ''),
    api: apiFacts(apiKey)?.name ?? String(apiKey),
    version: apiVersion,
    correlationId,
  };
}
