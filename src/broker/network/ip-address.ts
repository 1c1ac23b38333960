// IP addresses as bytes, which is how Envelope requests carry the address of a client (Kafka: InetAddress.getAddress).

const IPV4_SIZE = 4;
const IPV6_GROUPS = 8;
const MAPPED_PREFIX = '::ffff:';

/** 4 or 16 bytes; an IPv4 address that is mapped into IPv6 has 4, as in Java. Throws RangeError for what is no address. */
export function addressToBytes(text: string): Uint8Array {
  const address = text.replace(/%.*$/, '');
  const v4 = address.toLowerCase().startsWith(MAPPED_PREFIX) ? address.slice(MAPPED_PREFIX.length) : address;
  const octets = octetsOf(v4);
  if (octets !== undefined) return Uint8Array.from(octets);
  const groups = groupsOf(address);
  if (groups === undefined) throw new RangeError(`${text} is no IP address`);
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** undefined where there are neither 4 nor 16 bytes. */
export function addressFromBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === IPV4_SIZE) return bytes.join('.');
  if (bytes.length !== 2 * IPV6_GROUPS) return undefined;
  const groups = Array.from({ length: IPV6_GROUPS }, (_, index) => {
    return (((bytes[2 * index] as number) << 8) | (bytes[2 * index + 1] as number)).toString(16);
  });
  return groups.join(':');
}

function octetsOf(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== IPV4_SIZE || !parts.every((part) => /^\d{1,3}$/.test(part))) return undefined;
  const octets = parts.map(Number);
  return octets.every((octet) => octet <= 0xff) ? octets : undefined;
}

/** The eight groups of an IPv6 address, of which one run of zeros may be left out. */
function groupsOf(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = [...(head ?? []), ...(tail ?? [])];
  const missing = IPV6_GROUPS - given.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  if (!given.every((group) => /^[\dA-Fa-f]{1,4}$/.test(group))) return undefined;
  const zeros = Array.from({ length: missing }, () => '0');
  return [...(head ?? []), ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16));
}
