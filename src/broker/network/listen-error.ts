// Why a listener could not be opened: one line that names the listener and its address, and says what to do.
import { type Endpoint, hostAndPort } from '../configs/endpoints.ts';

interface SystemError extends Error {
  readonly code?: string;
}

/** The message is for users; `code` is the system's (EADDRINUSE, EACCES, ENOTFOUND …). */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string | undefined;

  constructor(endpoint: Endpoint, cause: SystemError) {
    const where = endpoint.host === '' ? `port ${endpoint.port}` : hostAndPort(endpoint.host, endpoint.port);
    super(`listener ${endpoint.name} cannot listen on ${where}: ${reasonOf(endpoint, cause)}`, { cause });
    this.code = cause.code;
  }
}

function reasonOf({ host, port }: Endpoint, { code, message }: SystemError): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use by another program or listener. Stop it, or choose another port with --port or in listeners: 0 picks a free one.`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}. Give one of its own with --host or in listeners, or 0.0.0.0 for all of them.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return `no address is known for the name ${host}. Give one that this machine resolves to an address of its own with --host or in listeners, or 0.0.0.0 for all of them.`;
    case 'EACCES':
    case 'EPERM':
      return `port ${port} needs more rights than this user has. Choose one above 1023 with --port or in listeners.`;
    case 'EAFNOSUPPORT':
      return `this machine has no addresses of the kind of ${host}. Give one that it has with --host or in listeners.`;
    case 'EINVAL':
      return `${host} cannot be listened on as it is; a link-local address needs its zone, as in fe80::1%eth0. Give another with --host or in listeners.`;
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open. Raise the limit (ulimit -n) and start again.';
    default:
      return `${message}. Choose another address with --host or in listeners.`;
  }
}
