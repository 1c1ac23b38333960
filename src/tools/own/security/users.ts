// What `ottla user` does. Passwords are never shown.
import { linesOf } from '../../tool-io.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { answered, failureOf, isFailed, tellOutcomes } from '../outcome-rows.ts';

type Mechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

interface PasswordOptions {
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly mechanism: string;
  readonly iterations: number;
}

export const listUsers: Work<object> = async (context) => {
  const admin = await context.admin();
  const rows = [];
  for (const [user, outcome] of await admin.describeUserScramCredentials([], context.call)) {
    const mechanisms = answered(outcome, user).map(
      ({ mechanism, iterations }) => `${mechanism} (${iterations} iterations)`,
    );
    // Apache Kafka tells them in the order of a map.
    rows.push({ user, mechanisms: mechanisms.sort() });
  }
  rows.sort((a, b) => (a.user < b.user ? -1 : 1));
  context.output.list(rows, [
    { heading: 'username', cell: ({ user }) => user },
    { heading: 'mechanisms', cell: ({ mechanisms }) => mechanisms.join(', ') },
  ]);
};

export const createUser: Work<PasswordOptions> = async (context, [user = ''], options) => {
  const password = await passwordOf(context, options);
  const mechanism = options.mechanism.toUpperCase() as Mechanism;
  const admin = await context.admin();
  const upsertion = { user, mechanism, password, iterations: options.iterations };
  return tellOutcomes(context.output, 'user', await admin.alterUserScramCredentials([upsertion], context.call));
};

async function passwordOf({ io }: CommandContext, { password, passwordStdin }: PasswordOptions): Promise<string> {
  if (password !== undefined && passwordStdin === true) throw new Failure('--password excludes --password-stdin');
  if (password !== undefined && password !== '') return password;
  if (passwordStdin !== true) throw new Failure('give a password: --password-stdin reads it from standard input');
  for await (const line of linesOf(io.stdin)) if (line !== '') return line;
  throw new Failure('--password-stdin: standard input is empty');
}

export const deleteUser: Work<{ readonly mechanism?: string }> = async (context, [user = ''], { mechanism }) => {
  const admin = await context.admin();
  const known = (await admin.describeUserScramCredentials([user], context.call)).get(user);
  if (known === undefined || isFailed(known))
    throw new Failure(`${user}: ${known === undefined ? 'there is none' : failureOf(known)}`);
  const wanted = known.filter((one) => mechanism === undefined || one.mechanism === mechanism.toUpperCase());
  if (wanted.length === 0) throw new Failure(`${user} has no ${mechanism ?? 'password'}`);
  const deletions = wanted.map((one) => ({ user, mechanism: one.mechanism, isDeleted: true as const }));
  return tellOutcomes(context.output, 'user', await admin.alterUserScramCredentials(deletions, context.call));
};
