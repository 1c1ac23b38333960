// The header of the PROXY protocol, versions 1 and 2, with which a load balancer tells where a connection really comes from
// (haproxy.org, proxy-protocol.txt). Read from the first bytes of a connection; whatever is wrong with it is the end of that.

export interface ProxyHeader {
  /** Bytes of the header; what follows is the client's. */
  readonly sizeBytes: number;
  /** undefined: the proxy speaks for itself (LOCAL), or does not know (UNKNOWN). */
  readonly source: { readonly address: string; readonly port: number } | undefined;
}

/** `partial`: no header yet, more bytes may make one. `bad`: none, and none will come of it. */
export type ProxyRead = ProxyHeader | 'partial' | 'bad';

const SIGNATURE_2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const PREFIX_1 = Buffer.from('PROXY ', 'latin1');
/** The longest line of version 1, its end included. */
const LONGEST_LINE = 107;
const FIXED_BYTES_2 = 16;
/** Addresses and what proxies put behind them (TLVs); no header needs more. */
const MOST_BYTES_2 = 4096;
const LOCAL = 0x20;
const PROXIED = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

export function readProxyHeader(bytes: Buffer): ProxyRead {
  if (begins(bytes, SIGNATURE_2)) return readVersion2(bytes);
  return begins(bytes, PREFIX_1) ? readVersion1(bytes) : 'bad';
}

/** Whether `bytes` are the beginning of `start`, or begin with it. */
function begins(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readVersion1(bytes: Buffer): ProxyRead {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf('\r\n');
  if (end < 0) return bytes.length >= LONGEST_LINE ? 'bad' : 'partial';
  const sizeBytes = end + 2;
  const [, family, source = '', , port = '', ...rest] = bytes.toString('latin1', 0, end).split(' ');
  if (family === 'UNKNOWN') return { sizeBytes, source: undefined };
  const isAddress = family === 'TCP4' ? isIpv4(source) : family === 'TCP6' && isIpv6(source);
  if (!isAddress || !/^\d{1,5}$/.test(port) || Number(port) > 65_535 || rest.length !== 1) return 'bad';
  return { sizeBytes, source: { address: source, port: Number(port) } };
}

function readVersion2(bytes: Buffer): ProxyRead {
  if (bytes.length < FIXED_BYTES_2) return 'partial';
  const command = bytes[12] as number;
  const family = bytes[13] as number;
  const length = bytes.readUInt16BE(14);
  if ((command !== LOCAL && command !== PROXIED) || length > MOST_BYTES_2) return 'bad';
  const sizeBytes = FIXED_BYTES_2 + length;
  if (bytes.length < sizeBytes) return 'partial';
  if (command === LOCAL) return { sizeBytes, source: undefined };
  const body = bytes.subarray(FIXED_BYTES_2, sizeBytes);
  if (family === TCP_OVER_IPV4 && length >= 12) {
    return { sizeBytes, source: { address: [...body.subarray(0, 4)].join('.'), port: body.readUInt16BE(8) } };
  }
  if (family === TCP_OVER_IPV6 && length >= 36) {
    return { sizeBytes, source: { address: ipv6Text(body), port: body.readUInt16BE(32) } };
  }
  return 'bad';
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  return /^[0-9a-fA-F:.]{2,45}$/.test(text) && text.includes(':');
}

function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return groups.join(':');
}
