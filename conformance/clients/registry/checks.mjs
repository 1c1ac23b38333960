// What the JavaScript programs here share, called as those in Python are:
//   PROGRAM list                  one line {"check": NAME} for each check
//   PROGRAM run URL NAME          one line {"check": NAME, "passed": true | false, "detail": TEXT}
// $CLIENT_HOME is where npm installed the client.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const load = createRequire(join(process.env.CLIENT_HOME ?? process.cwd(), 'package.json'));
export const unique = (prefix) => `${prefix}-${randomBytes(6).toString('hex')}`;

export function same(actual, expected, what) {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

export async function rejected(work) {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was rejected');
}

export async function run(checks) {
  const [verb, url, name] = process.argv.slice(2);
  if (verb === 'list') {
    for (const check of Object.keys(checks)) console.log(JSON.stringify({ check }));
    return;
  }
  let told = { check: name, passed: true };
  try {
    await checks[name](url);
  } catch (error) {
    told = { check: name, passed: false, detail: error instanceof Error ? (error.stack ?? error.message).slice(0, 400) : String(error) };
  }
  console.log(JSON.stringify(told));
  // Clients keep connections open.
  process.exit(0);
}
