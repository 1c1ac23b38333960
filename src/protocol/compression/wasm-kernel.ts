// The little of WebAssembly's JavaScript interface that the kernels need; compiling is synchronous because they are small.

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface WasmInterface {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/**
 * Compiles base64 text to a function that makes fresh instances; undefined where WebAssembly is forbidden
 * (`node --jitless`, a policy) or the module is refused.
 */
export function compileKernel<Exports>(base64: string): (() => Exports) | undefined {
  const wasm = (globalThis as { WebAssembly?: WasmInterface }).WebAssembly;
  if (wasm === undefined) return undefined;
  try {
    const module = new wasm.Module(Buffer.from(base64, 'base64'));
    return () => new wasm.Instance(module).exports as Exports;
  } catch {
    return undefined;
  }
}
