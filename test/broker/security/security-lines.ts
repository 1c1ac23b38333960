// All that a broker says, as text in which secrets are looked for: as they are, in base64 and in hexadecimal.
export class SecurityLines {
  #text = '';

  add(value: unknown): void {
    this.#text += JSON.stringify(value, (_, inner: unknown) => {
      if (typeof inner === 'bigint') return inner.toString();
      if (inner instanceof Uint8Array) return Buffer.from(inner).toString('latin1');
      return inner;
    });
  }

  has(secret: string): boolean {
    const bytes = Buffer.from(secret);
    return [secret, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')].some((form) =>
      this.#text.includes(form),
    );
  }
}
