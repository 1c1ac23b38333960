/** How many modules are being loaded on demand. */
export function importsUnderWay(): number;
