// ssl.cipher.suites names suites as Java and the standards do (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256); OpenSSL has names of its
// own for those of TLS 1.2.

/** `ECDHE-RSA-AES128-GCM-SHA256`; suites of TLS 1.3, and OpenSSL's own names, stay as they are. */
export function openSslCipher(suite: string): string {
  const match = /^(?:TLS|SSL)_(.+)_WITH_(.+)$/.exec(suite);
  if (match === null) return suite;
  const [, exchange = '', bulk = ''] = match;
  const keys = exchange === 'RSA' ? '' : `${exchange.replaceAll('_', '-')}-`;
  const cipher = bulk
    .replace(/^AES_(\d+)_/, 'AES$1_')
    .replace(/^CHACHA20_POLY1305_SHA256$/, 'CHACHA20-POLY1305')
    .replace('_CBC_', '_')
    .replaceAll('_', '-');
  return keys + cipher;
}
