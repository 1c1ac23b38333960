// Times in the patterns of java.text.SimpleDateFormat, as far as they are made of numbers and quoted texts.

/** In the local time zone. Letters that stand for names are left as they are. */
export function javaDate(pattern: string, timeMs: number): string {
  const date = new Date(timeMs);
  const fields: Readonly<Record<string, number>> = {
    y: date.getFullYear(),
    M: date.getMonth() + 1,
    d: date.getDate(),
    H: date.getHours(),
    k: date.getHours() || 24,
    K: date.getHours() % 12,
    h: date.getHours() % 12 || 12,
    m: date.getMinutes(),
    s: date.getSeconds(),
    S: date.getMilliseconds(),
  };
  return pattern.replace(
    /'([^']*)'|([A-Za-z])\2*/g,
    (found, quoted: string | undefined, letter: string | undefined) => {
      if (quoted !== undefined) return quoted === '' ? "'" : quoted;
      const value = fields[letter ?? ''];
      if (value === undefined) return found;
      const digits = String(value);
      return letter === 'y' && found.length === 2 ? digits.slice(-2) : digits.padStart(found.length, '0');
    },
  );
}
