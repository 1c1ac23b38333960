// What a client may call itself in ApiVersions (KIP-511).
const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

export function isNamedSoftware(name: string, version: string): boolean {
  return SOFTWARE_NAME.test(name) && SOFTWARE_NAME.test(version);
}
