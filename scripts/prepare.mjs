// Runs before `npm start` and `npm test`: installs what the lock file asks for when it is not there, and builds when a
// source is newer than the build. On a set-up tree it only looks, in a few milliseconds. Plain JavaScript of Node's own
// modules: it has to run before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

checkNode();
if (!isInstalled()) install();
if (isBuildOld())
  run([join(root, 'scripts/build.mjs'), '--without-types'], 'The build failed; what is wrong stands above.');

provideExec();

/**
 * `npm start` is `exec node …`, so that the broker takes the shell's place and gets the signals that npm passes on;
 * without it, ending npm leaves a broker behind. Windows' shell has no exec: there this stands in for it.
 */
function provideExec() {
  if (process.platform === 'win32') writeFileSync(join(root, 'node_modules/.bin/exec.cmd'), '@%*\r\n');
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  stop(
    `Ottla needs Node.js 20.19 or newer; this is ${process.versions.node}. Get a newer one from your package manager.`,
  );
}

/** True when every package of the lock file, save optional ones, is installed in its version. */
function isInstalled() {
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  const wanted = readJson('package-lock.json')?.packages;
  if (wanted === undefined) stop('package-lock.json is missing or broken; restore it from git.');
  if (installed === undefined) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8'));
  } catch {
    return undefined;
  }
}

function install() {
  console.error('Installing the packages of package-lock.json (once; this can take a minute) …');
  const npm = process.env.npm_execpath;
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const failed = 'npm could not install the packages; the reason stands above. A network is needed for this step.';
  if (npm?.endsWith('.js')) run([npm, ...options], failed);
  else
    finish(
      spawnSync('npm', options, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' }),
      failed,
    );
}

function isBuildOld() {
  const built = join(root, 'dist/cli.js');
  if (!existsSync(built)) return true;
  const builtMs = statSync(built).mtimeMs;
  const sources = ['src', 'scripts/build.mjs', 'scripts/bundles.mjs', 'package.json', 'tsconfig.json'];
  return sources.some((source) => newestMs(join(root, source)) > builtMs);
}

/** Of a directory too, so that a file that was removed counts. */
function newestMs(path) {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), info.mtimeMs);
}

/** Standard output belongs to the program that is started afterwards. */
function run(command, failed) {
  finish(spawnSync(process.execPath, command, { cwd: root, stdio: ['ignore', 2, 2] }), failed);
}

function finish({ status, error }, failed) {
  if (status !== 0) stop(error === undefined ? failed : `${failed} (${error.message})`);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
