// Programs in processes of their own, as users run them: the built client in a script, the built command line; and a proxy that stops
// reading when it is told to.
import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const DIST = new URL('../../../dist/', import.meta.url);

export class OwnProgram {
  readonly #child: ChildProcess;
  #output = '';
  #wake: (() => void) | undefined;

  private constructor(args: readonly string[], environment: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, args, {
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      this.#wake?.();
    };
    this.#child.stdout?.on('data', collect);
    this.#child.stderr?.on('data', collect);
    this.#child.once('close', () => this.#wake?.());
  }

  /** A module that finds the exports of the built client as `client`. */
  static script(body: string, environment: Readonly<Record<string, string>>): OwnProgram {
    const whole = `import * as client from '${new URL('client.js', DIST).href}';\n${body}`;
    return new OwnProgram(['--input-type=module', '-e', whole], environment);
  }

  /** `ottla` with these arguments. */
  static command(args: readonly string[]): OwnProgram {
    return new OwnProgram([fileURLToPath(new URL('cli.js', DIST)), ...args], {});
  }

  get output(): string {
    return this.#output;
  }

  /** The first match in what it has said so far; rejects with all of that when it ends without. */
  async says(words: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = words.exec(this.#output);
      if (found !== null) return found;
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== null || signalCode !== null) throw new Error(`it ended: ${this.#output.slice(-2000)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** A line for its standard input. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Passes on what comes, to and fro; told to, it reads nothing more of the clients that are there. */
export class StallingProxy {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #target = 0;

  private constructor() {
    this.#server = createServer((client) => this.#serve(client));
  }

  static async open(): Promise<StallingProxy> {
    const proxy = new StallingProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  forwardTo(port: number): void {
    this.#target = port;
  }
  stall(): void {
    for (const client of this.#clients) client.pause();
  }
  flow(): void {
    for (const client of this.#clients) client.resume();
  }
  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(client: Socket): void {
    const broker = connect(this.#target, '127.0.0.1');
    this.#clients.add(client);
    client.on('data', (chunk: Buffer) => broker.write(chunk));
    broker.on('data', (chunk: Buffer) => client.write(chunk));
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      one.on('error', () => undefined);
      // What has been read is passed on before the other side is closed.
      one.once('close', () => {
        this.#clients.delete(client);
        other.end();
      });
    }
  }
}
