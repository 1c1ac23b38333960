// Whether a text is an address of IPv4 or IPv6, or localhost, which needs nobody to look it up.
const NUMBER = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${NUMBER}(?:\\.${NUMBER}){3}$`);
const GROUP = /^[\da-f]{1,4}$/i;
const GROUPS = 8;

export function isAddress(text: string): boolean {
  if (text === 'localhost') return true;
  return text.includes(':') ? isIpv6(text) : IPV4.test(text);
}

function isIpv6(text: string): boolean {
  const [bare = ''] = text.split('%');
  const halves = bare.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  // The last four bytes may be written as IPv4.
  const isMapped = last?.includes('.') === true && IPV4.test(last);
  if (isMapped) groups.pop();
  const count = groups.length + (isMapped ? 2 : 0);
  const isLongEnough = halves.length === 2 ? count < GROUPS : count === GROUPS;
  return isLongEnough && groups.every((group) => GROUP.test(group));
}
