// kafka-delegation-tokens: secrets with which a program logs in as its owner for a while (org.apache.kafka.tools.DelegationTokenCommand).
import type { Admin, DelegationToken, Principal } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { loadProperties } from './client-config.ts';
import { OPTIONS } from './delegation-tokens-options.ts';
import { executionError, illegalArgument, JavaError } from './java-error.ts';
import { javaDate } from './java-date.ts';
import { withAdmin } from './open-admin.ts';
import { CommandOptions } from './options/command-options.ts';
import type { Option } from './options/option.ts';
import { toolWithTrace } from './run-tool.ts';

export const delegationTokens = toolWithTrace(async (args, io) => execute(io, args));

async function execute(io: ToolIo, args: readonly string[]): Promise<void> {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion('This tool helps to create, renew, expire, or describe delegation tokens.');
  const { create, renew, expire, describe } = OPTIONS;
  if ([create, renew, expire, describe].filter((one) => options.has(one)).length !== 1) {
    options.usage('Command must include exactly one action: --create, --renew, --expire or --describe');
  }
  check(options);
  const target = {
    bootstrapServers: options.required(OPTIONS.bootstrapServer),
    properties: loadProperties(io, options.required(OPTIONS.commandConfig)),
  };
  await withAdmin(io, target, async (admin) => {
    if (options.has(create)) return createToken(io, admin, options);
    if (options.has(renew)) return renewToken(io, admin, options);
    return options.has(expire) ? expireToken(io, admin, options) : describeTokens(io, admin, options);
  });
}

function check(options: CommandOptions): void {
  const { create, renew, expire, describe, hmac, renewTime, expiryTime, maxLife, renewers, owners } = OPTIONS;
  options.checkRequired(OPTIONS.bootstrapServer, OPTIONS.commandConfig);
  if (options.has(create)) options.checkRequired(maxLife);
  if (options.has(renew)) options.checkRequired(hmac, renewTime);
  if (options.has(expire)) options.checkRequired(hmac, expiryTime);
  options.checkInvalid(create, hmac, renewTime, expiryTime);
  options.checkInvalid(renew, renewers, maxLife, expiryTime, owners);
  options.checkInvalid(expire, renewTime, maxLife, owners);
  options.checkInvalid(describe, renewTime, maxLife, hmac, expiryTime);
}

/** What the broker has refused, as the original's futures throw it. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw executionError(error);
  }
}

async function createToken(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const renewers = principalsOf(options, OPTIONS.renewers);
  const maxLifetimeMs = periodOf(options, OPTIONS.maxLife);
  print(
    io,
    `Calling create token operation with renewers :${listText(renewers)} , max-life-time-period :${maxLifetimeMs}`,
  );
  const [owner] = principalsOf(options, OPTIONS.owners);
  const token = await asked(
    admin.createDelegationToken({ renewers, maxLifetimeMs, ...(owner !== undefined && { owner }) }),
  );
  print(io, `Created delegation token with tokenId : ${token.tokenId}`);
  printTokens(io, [token]);
}

async function renewToken(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const hmac = options.required(OPTIONS.hmac);
  const renewPeriodMs = periodOf(options, OPTIONS.renewTime);
  print(io, `Calling renew token operation with hmac :${hmac} , renew-time-period :${renewPeriodMs}`);
  const expiresAt = await asked(admin.renewDelegationToken(bytesOf(hmac), { renewPeriodMs }));
  print(io, `Completed renew operation. New expiry date : ${dateText(expiresAt)}`);
}

async function expireToken(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const hmac = options.required(OPTIONS.hmac);
  const expiryPeriodMs = periodOf(options, OPTIONS.expiryTime);
  print(io, `Calling expire token operation with hmac :${hmac} , expire-time-period :${expiryPeriodMs}`);
  const expiresAt = await asked(admin.expireDelegationToken(bytesOf(hmac), { expiryPeriodMs }));
  print(io, `Completed expire operation. New expiry date : ${dateText(expiresAt)}`);
}

async function describeTokens(io: ToolIo, admin: Admin, options: CommandOptions): Promise<void> {
  const owners = principalsOf(options, OPTIONS.owners);
  print(
    io,
    owners.length === 0
      ? 'Calling describe token operation for current user.'
      : `Calling describe token operation for owners: ${listText(owners)}`,
  );
  // No owners are an empty list to the original, of which the broker knows no tokens.
  const tokens = await asked(admin.describeDelegationToken({ owners }));
  io.stdout.write(`Total number of tokens : ${tokens.length}`);
  printTokens(io, tokens);
}

/** The argument may be missing where the option is given. */
function periodOf(options: CommandOptions, option: Option<number>): number {
  const period = options.valueOf(option);
  if (period !== undefined) return period;
  throw new JavaError(
    'java.lang.NullPointerException',
    'Cannot invoke "java.lang.Long.longValue()" because the return value of "joptsimple.OptionSet.valueOf(joptsimple.OptionSpec)" is null',
  );
}

/** Throws JavaError as java.util.Base64 does. */
function bytesOf(hmac: string): Uint8Array {
  if (hmac.length < 2) throw illegalArgument('Input byte[] should at least have 2 bytes for base64 bytes');
  const stranger = /[^A-Za-z0-9+/=]/.exec(hmac)?.[0];
  if (stranger !== undefined) throw illegalArgument(`Illegal base64 character ${stranger.charCodeAt(0).toString(16)}`);
  return Buffer.from(hmac, 'base64');
}

function principalsOf(options: CommandOptions, option: Option<string>): Principal[] {
  return options.valuesOf(option).map((text) => {
    const [type = '', name] = text.trim().split(/:(.*)/s);
    if (name !== undefined) return { type, name };
    throw illegalArgument(`expected a string in format principalType:principalName but got ${text.trim()}`);
  });
}

const principalText = ({ type, name }: Principal): string => `${type}:${name}`;

const listText = (principals: readonly Principal[]): string => `[${principals.map(principalText).join(', ')}]`;

const dateText = (timeMs: number): string => javaDate("yyyy-MM-dd'T'HH:mm", timeMs);

const WIDTHS = [15, 30, 15, 15, 25, 15, 15, 15];
const HEADERS = ['TOKENID', 'HMAC', 'OWNER', 'REQUESTER', 'RENEWERS', 'ISSUEDATE', 'EXPIRYDATE', 'MAXDATE'];

function printTokens(io: ToolIo, tokens: readonly DelegationToken[]): void {
  const row = (cells: readonly string[]): string =>
    `\n${cells.map((cell, column) => cell.padEnd(WIDTHS[column] as number)).join(' ')}`;
  print(io, row(HEADERS));
  for (const { tokenId, hmac, owner, requester, renewers, issuedAt, expiresAt, maxTimestamp } of tokens) {
    const whose = [owner, requester].map((one) => (one === undefined ? '' : principalText(one)));
    const times = [issuedAt, expiresAt, maxTimestamp].map(dateText);
    print(io, row([tokenId, Buffer.from(hmac).toString('base64'), ...whose, listText(renewers), ...times]));
  }
}
