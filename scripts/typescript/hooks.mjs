// How a file of TypeScript is loaded (see register.mjs). Imports name files as they are, so that nothing has to be resolved here.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'rolldown/utils';

/** The compiler's import of what stands for `using`, which Node 20 does not have; and ours. */
const USING = /import (\w+) from "@oxc-project\/runtime\/helpers\/usingCtx";/;
const OWN_USING = `import { usingContext as $1 } from ${JSON.stringify(new URL('using.mjs', import.meta.url).href)};`;
/** What the sources load on demand is counted, and asked for once (importing.mjs). */
const SOURCES = new URL('../../src/', import.meta.url).href;
const ON_DEMAND = /\bimport\(("[^"]+")\)/g;
const IMPORTING = `import { importing as $importing } from ${JSON.stringify(new URL('importing.mjs', import.meta.url).href)};`;
const OPTIONS = { lang: 'ts', target: 'node20.19', sourcemap: true, typescript: { onlyRemoveTypeImports: true } };

export function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const path = fileURLToPath(url);
  const { code, map, errors } = transformSync(path, readFileSync(path, 'utf8'), OPTIONS);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors.map(({ message }) => message).join('; ')}`);
  const { version, names, mappings } = map;
  const slim = Buffer.from(JSON.stringify({ version, names, mappings, sources: [url] })).toString('base64');
  const source = `${counted(url, code).replace(USING, OWN_USING)}\n//# sourceMappingURL=data:application/json;base64,${slim}`;
  return { format: 'module', shortCircuit: true, source };
}

function counted(url, code) {
  const passing = url.startsWith(SOURCES)
    ? code.replace(ON_DEMAND, (load, specifier) => `$importing(${keyOf(url, specifier)}, () => ${load})`)
    : code;
  return passing === code ? code : `${passing}\n${IMPORTING}`;
}

/** The same for all who import the same module; `specifier` in quotation marks, as what comes back. */
function keyOf(url, specifier) {
  const name = JSON.parse(specifier);
  return JSON.stringify(name.startsWith('.') ? new URL(name, url).href : name);
}
