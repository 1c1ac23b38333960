// Whether there is an authorizer, and which: read once, when a broker starts. Its code is loaded only where one is wanted.
import { Access, type AuditLog } from '../../api-handlers/index.ts';
import type { MetadataPublisher } from '../../kraft/metadata/index.ts';
import { ConfigError } from '../../runtime/index.ts';
import { STANDARD_AUTHORIZER } from '../configs/config.ts';
import type { Settings } from '../configs/settings.ts';

export interface AccessControl {
  readonly access: Access;
  /** Hears of access control entries. */
  readonly publisher: MetadataPublisher;
}

const SUPER_USERS = 'super.users';
const OPEN_WITHOUT_ACLS = 'allow.everyone.if.no.acl.found';

/** undefined: everybody may do everything. Throws ConfigError. */
export async function openAccessControl(
  { broker, entries }: Pick<Settings, 'broker' | 'entries'>,
  audit: AuditLog,
): Promise<AccessControl | undefined> {
  const name = broker.authorizerClassName.trim();
  if (name === '') return undefined;
  if (name !== STANDARD_AUTHORIZER) {
    throw new ConfigError(
      `authorizer.class.name=${name} is a Java class, and none can be loaded: set it to ${STANDARD_AUTHORIZER}, or leave it out`,
    );
  }
  const options = {
    superUsers: superUsersOf(entries.get(SUPER_USERS) ?? ''),
    isOpenWithoutAcls: (entries.get(OPEN_WITHOUT_ACLS) ?? '').trim().toLowerCase() === 'true',
  };
  const { StandardAuthorizer } = await import('./standard-authorizer.ts');
  const authorizer = new StandardAuthorizer(options);
  return { access: new Access(authorizer, audit), publisher: authorizer };
}

/** `User:alice;User:CN=bob,O=x`. Throws ConfigError for one without a type. */
export function superUsersOf(text: string): ReadonlySet<string> {
  const users = text
    .split(';')
    .map((user) => user.trim())
    .filter((user) => user !== '');
  const wrong = users.find((user) => !user.includes(':'));
  if (wrong !== undefined) throw new ConfigError(`${SUPER_USERS} names ${wrong}: write it as User:${wrong}`);
  return new Set(users);
}
