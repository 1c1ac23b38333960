// Addresses as Java prints them: that is how groups show their members, and how hosts stand in access control entries.
const MAPPED = '::ffff:';

/** An address as Java prints it: IPv6 without `::`, and an IPv4 address that comes mapped into IPv6 (::ffff:1.2.3.4) as IPv4. */
export function javaAddress(address: string): string {
  if (address.startsWith(MAPPED) && address.includes('.')) return address.slice(MAPPED.length);
  if (!address.includes(':')) return address;
  const [bare = '', zone] = address.split('%');
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return zone === undefined ? groups.join(':') : `${groups.join(':')}%${zone}`;
}
