// The `ottla` command. Only what every command needs is imported here: the broker is loaded by `start` alone, because the time
// to listen is mostly the time to load.
import { parseCommandLine } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { formatHelpText, helpText, startHelpText } from './help.ts';
import { version } from './version.ts';

/** What the commands tell by themselves is told there; here is what fails while they are loaded. */
async function main(commandLine: CommandLine): Promise<number> {
  try {
    return await run(commandLine);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const hint = code === 'EMFILE' || code === 'ENFILE' ? ' Raise the limit (ulimit -n) and start again.' : '';
    commandLine.complain(`ottla: the program cannot be loaded (${message}).${hint}\n`);
    return 1;
  }
}

async function run(commandLine: CommandLine): Promise<number> {
  const command = parseCommandLine(commandLine.args);
  switch (command.kind) {
    case 'help':
      commandLine.print({ all: helpText, start: startHelpText, format: formatHelpText }[command.topic]);
      return 0;
    case 'version':
      commandLine.print(`${version}\n`);
      return 0;
    case 'start': {
      const { start } = await import('./start.ts');
      return start(command.flags, commandLine);
    }
    case 'storage': {
      const { formatCommand, infoCommand, randomUuidCommand } = await import('./format.ts');
      if (command.command === 'random-uuid') return randomUuidCommand(commandLine);
      return (command.command === 'format' ? formatCommand : infoCommand)(command.args, commandLine);
    }
    case 'wire-dump': {
      const { wireDump } = await import('./wire-dump.ts');
      return wireDump(command.options, commandLine);
    }
    case 'extra': {
      const { runExtra } = await import('./run-extra.ts');
      return runExtra(command.name, command.args, commandLine);
    }
    case 'mistake':
      commandLine.complain(`ottla: ${command.message}\n`);
      return 1;
  }
}

// A reader that has enough (`ottla start --json | head -1`) is no reason to stop the broker.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
// Nothing else may keep the process alive while a broker starts or stops: the timers of its clock do not.
const alive = setInterval(() => undefined, 2 ** 30);
void main({
  args: process.argv.slice(2),
  environment: process.env,
  processId: process.pid,
  isColored: process.stdout.isTTY === true && process.stdout.hasColors() && process.env['NO_COLOR'] === undefined,
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
  onSignal: (action) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => action(signal));
  },
  exit: (code) => process.exit(code),
}).then((code) => {
  process.exitCode = code;
  clearInterval(alive);
  // The process ends by itself when its output has been taken; a handle that was forgotten must not hold it up.
  setTimeout(() => process.exit(), 500).unref();
});
