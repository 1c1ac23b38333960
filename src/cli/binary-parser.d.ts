// The part of `binary-parser` that is used here: its own types do not resolve for ES modules.
declare module 'binary-parser' {
  export class Parser {
    endianness(order: 'big' | 'little'): this;
    int8(name: string): this;
    int16(name: string): this;
    int32(name: string): this;
    uint32(name: string): this;
    int64(name: string): this;
    string(name: string, options: { length: (this: Record<string, number>) => number; encoding?: string }): this;
    parse(bytes: Uint8Array): Record<string, unknown>;
  }
}
