// `ottla start`: a broker from flags, variables and a file, until a signal ends it.
import type { Logger } from '../runtime/index.ts';
import { isKnownConfig, startBroker, textLogger } from '../index.ts';
import type { StartFlags } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { explain } from './explain.ts';
import { listeningJson, startScreen } from './screen.ts';
import { resolveOptions } from './start-options.ts';

/** 128 and the number of the signal: what a shell expects of a program that a signal has ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Runs until a signal has stopped the broker; the exit code. */
export async function start(flags: StartFlags, commandLine: CommandLine): Promise<number> {
  const logger = textLogger({
    level: flags.quiet ? 'warn' : 'info',
    format: flags.logFormat ?? 'pretty',
    write: (line) => commandLine.complain(line),
  });
  const stopped = firstSignal(commandLine);
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => (fail = resolve));
  try {
    if (flags.nodes !== undefined) {
      const { runCluster } = await import('./start-cluster.ts');
      return await runCluster({ flags, nodes: flags.nodes, commandLine, logger, stopped });
    }
    const broker = await startBroker({
      ...resolveOptions(flags, commandLine.environment, isKnownConfig),
      logger,
      onFailure: fail,
      onWarning: (warning) => logger.log('warn', warning),
    });
    const registry = await registryBeside(flags, broker.bootstrapServers, logger);
    if (flags.json) commandLine.print(listeningJson(broker, commandLine.processId));
    else if (!flags.quiet) commandLine.print(startScreen(broker, commandLine.isColored));
    const failure = await Promise.race([stopped, failed]);
    await registry?.stop();
    if (failure !== undefined) throw failure;
    await stop(broker, logger);
    return 0;
  } catch (error) {
    commandLine.complain(`ottla: ${explain(error, flags, commandLine.environment)}\n`);
    return 1;
  }
}

/** Beside the broker, in a thread of its own. The broker does not wait for it. */
async function registryBeside(flags: StartFlags, bootstrapServers: string, logger: Logger) {
  if (flags.registryPort === undefined) return undefined;
  return (await import('./registry-thread.ts')).startRegistry(flags, bootstrapServers, logger);
}

async function stop(broker: { close(): Promise<void> }, logger: Logger): Promise<void> {
  logger.log('info', 'Stopping');
  await broker.close();
  logger.log('info', 'Stopped');
}

/**
 * Under `npm start`, Ctrl+C comes twice: from the terminal, and passed on by npm. A signal this soon after the first is
 * its echo.
 */
const NPM_ECHO_MS = 300;

/** Resolves at the first signal, which may come before the broker has started. The second one ends the process. */
function firstSignal(commandLine: CommandLine): Promise<void> {
  const echoMs = commandLine.environment['npm_lifecycle_event'] === undefined ? 0 : NPM_ECHO_MS;
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    commandLine.onSignal((signal) => {
      if (firstMs !== undefined && performance.now() - firstMs >= echoMs) commandLine.exit(exitCodes[signal]);
      firstMs ??= performance.now();
      resolve();
    });
  });
}
