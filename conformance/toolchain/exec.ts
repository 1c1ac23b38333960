// Running a foreign program to its end, with a time limit and its output kept.

import { spawn } from 'node:child_process';

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface ExecOptions {
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
}

/** Output beyond this is dropped from the front: a program gone wild must not take the runner's memory. */
const MAX_OUTPUT_CHARS = 64 << 20;

/** Never rejects for what the program did: look at `status`. Rejects when it cannot be started. */
export function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      // The whole group: a test runner may have started programs of its own.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeoutMs ?? 60_000);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-MAX_OUTPUT_CHARS);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_OUTPUT_CHARS);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, stdout, stderr, timedOut });
    });
    if (child.stdin !== null) {
      // A program that ends without reading its input closes the pipe; its status says why.
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input);
    }
  });
}

/** As `exec`, and throws with the end of the output unless the status is 0. */
export async function execOk(command: string, args: readonly string[], options: ExecOptions = {}): Promise<Finished> {
  const finished = await exec(command, args, options);
  if (finished.status !== 0) throw new Error(`${command} ${args[0] ?? ''}: ${describeEnd(finished)}`);
  return finished;
}

export function describeEnd(finished: Finished): string {
  const how = finished.timedOut ? 'time limit' : `status ${finished.status ?? finished.signal}`;
  // Either may be long: a share for both.
  return `${how}: ${`${finished.stdout.trim().slice(-500)}\n${finished.stderr.trim().slice(-500)}`.trim()}`;
}

/** The path of a program, or undefined where it is not installed. */
export async function which(program: string): Promise<string | undefined> {
  const finished = await exec('sh', ['-c', `command -v ${program}`]);
  return finished.status === 0 ? finished.stdout.trim() : undefined;
}
