// The check of --bootstrap-server that the older tools make before they connect (ToolsUtils.validateBootstrapServer).
import type { CommandOptions } from './options/command-options.ts';

/** Ends the tool with its usage when it is no list of host:port. Throws Exit. */
export function checkBootstrapServer(options: CommandOptions, text: string | undefined): void {
  if (text === undefined || text.trim() === '') options.usage('Error while validating the bootstrap address\n');
  const addresses = text.split(',');
  // Java's split drops empty parts at the end.
  while (addresses.at(-1) === '') addresses.pop();
  if (addresses.length > 0 && addresses.every(hasPort)) return;
  options.usage('Please provide valid host:port like host1:9091,host2:9092\n');
}

/** The pattern of Kafka's Utils.getPort. */
const hasPort = (address: string): boolean =>
  /^(?:[0-9a-zA-Z\-%._]*:\/\/)?\[?[0-9a-zA-Z\-%._:]*\]?:[0-9]+$/.test(address);
