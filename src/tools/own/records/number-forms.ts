// How numbers are written and read in record formats: `%p{hex32}`, `%V{big16}`.
import { FormatMistake } from './record-format.ts';

export type PrintNumber = (value: number | bigint) => Buffer;

/** Throws FormatMistake. */
export function numberPrinter(modifier: string | undefined): PrintNumber {
  if (modifier === undefined || modifier === 'ascii' || modifier === 'number')
    return (value) => Buffer.from(String(value));
  if (modifier === 'bool') return (value) => Buffer.from(String(value !== 0 && value !== 0n));
  const hex = HEX[modifier];
  if (hex !== undefined) {
    return (value) =>
      Buffer.from(
        BigInt.asUintN(hex * 4, BigInt(value))
          .toString(16)
          .padStart(hex, '0'),
      );
  }
  const form = BINARY[modifier];
  if (form === undefined) throw new FormatMistake(`{${modifier}} is no form of a number: ${NAMES}`);
  return (value) => binaryBytes(value, form);
}

export interface BinaryForm {
  readonly size: number;
  readonly isLittle: boolean;
}

const HEX: Readonly<Record<string, number>> = { hex64: 16, hex32: 8, hex16: 4, hex8: 2, hex4: 1 };

export const BINARY: Readonly<Record<string, BinaryForm>> = {
  big64: { size: 8, isLittle: false },
  big32: { size: 4, isLittle: false },
  big16: { size: 2, isLittle: false },
  big8: { size: 1, isLittle: false },
  little64: { size: 8, isLittle: true },
  little32: { size: 4, isLittle: true },
  little16: { size: 2, isLittle: true },
  little8: { size: 1, isLittle: true },
  byte: { size: 1, isLittle: false },
};

const NAMES = ['ascii', 'bool', ...Object.keys(HEX), ...Object.keys(BINARY)].join(' ');

/** The lowest bytes, as many as the form has. */
function binaryBytes(value: number | bigint, { size, isLittle }: BinaryForm): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)));
  const lowest = bytes.subarray(8 - size);
  return isLittle ? lowest.reverse() : lowest;
}

/** Digits that a number of this form has in front of it; undefined: as many as there are. */
export const hexDigits = (modifier: string): number | undefined => HEX[modifier];
