// The name of a certificate's owner as Java writes it (X500Principal.getName, RFC 2253): the last part first, the few types that
// RFC 2253 names by their letters, others as numbers with the value in hexadecimal. Principals are made of it, so it must be the same.
import { derChild, derChildren, DerTag, type DerValue, explicitTag, oidText, readDer } from './der.ts';

const KEYWORDS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
};
const ESCAPED = ',=+<>#;"\\';

/** `CN=Alice,OU=users,O=Org,C=DE`. Throws DerError when the bytes are no certificate. */
export function subjectOf(certificate: Uint8Array): string {
  const bytes = Buffer.from(certificate.buffer, certificate.byteOffset, certificate.byteLength);
  const fields = derChildren(derChild(derChildren(readDer(bytes)), 0, DerTag.SEQUENCE));
  // version [0], where there is one; serialNumber, signature, issuer, validity, subject
  const first = fields[0]?.tag === explicitTag(0) ? 1 : 0;
  return nameText(derChild(fields, first + 4, DerTag.SEQUENCE));
}

function nameText(name: DerValue): string {
  const parts = derChildren(name).map((part) => derChildren(part).map(attributeText).join('+'));
  return parts.reverse().join(',');
}

function attributeText(attribute: DerValue): string {
  const [type, value] = derChildren(attribute);
  const oid = oidText(derChild([type as DerValue], 0, DerTag.OID));
  const keyword = KEYWORDS[oid];
  const text = stringOf(derChild([value as DerValue], 0));
  if (keyword === undefined || text === undefined)
    return `${keyword ?? oid}=#${(value as DerValue).whole.toString('hex')}`;
  return `${keyword}=${escaped(text)}`;
}

function stringOf({ tag, content }: DerValue): string | undefined {
  switch (tag) {
    case DerTag.UTF8_STRING:
      return content.toString('utf8');
    case DerTag.PRINTABLE_STRING:
    case DerTag.IA5_STRING:
    case DerTag.T61_STRING:
      return content.toString('latin1');
    case DerTag.BMP_STRING:
      return content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : undefined;
    default:
      return undefined;
  }
}

function escaped(text: string): string {
  let written = '';
  for (const char of text) {
    if (char === '\0') written += '\\00';
    else written += ESCAPED.includes(char) ? `\\${char}` : char;
  }
  const spaced = written.replace(/^ +/, (spaces) => '\\ '.repeat(spaces.length));
  const end = spaced.trimEnd().length;
  const trailing = spaced.length - end;
  return trailing > 0 && end > 0 && /^ +$/.test(spaced.slice(end))
    ? spaced.slice(0, end) + '\\ '.repeat(trailing)
    : spaced;
}
