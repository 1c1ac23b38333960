// Profiles: clusters by name, so that nobody types their addresses. One file of JSON, which only its owner may read: it may hold
// passwords.
import { DiskError } from '../../runtime/index.ts';
import type { ToolIo } from '../tool-io.ts';

export type ProfileSettings = Readonly<Record<string, string>>;

export interface Profiles {
  readonly current: string | undefined;
  readonly profiles: Readonly<Record<string, ProfileSettings>>;
}

const OWNER_ONLY = 0o600;

/** What is wrong with the file or a name in it; the message is for the user. */
export class ProfileError extends Error {}

/** undefined: there is no place for it, as neither OTTLA_CONFIG nor XDG_CONFIG_HOME nor HOME is set. */
function profilesPath({ environment }: Pick<ToolIo, 'environment'>): string | undefined {
  const { OTTLA_CONFIG: given, XDG_CONFIG_HOME: config, HOME: home } = environment;
  if (given !== undefined && given !== '') return given;
  if (config !== undefined && config !== '') return `${config}/ottla/config.json`;
  return home === undefined || home === '' ? undefined : `${home}/.config/ottla/config.json`;
}

/** None when there is no such file. Throws ProfileError when it cannot be read. */
export function readProfiles(io: ToolIo): Profiles {
  const path = profilesPath(io);
  if (path === undefined) return { current: undefined, profiles: {} };
  try {
    return profilesOf(JSON.parse(new TextDecoder().decode(io.readFile(path))), path);
  } catch (error) {
    if (error instanceof DiskError && error.code === 'ENOENT') return { current: undefined, profiles: {} };
    if (error instanceof ProfileError) throw error;
    throw new ProfileError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function profilesOf(content: unknown, path: string): Profiles {
  const { current, profiles } = (content ?? {}) as { current?: unknown; profiles?: unknown };
  if (typeof profiles !== 'object' || profiles === null) throw new ProfileError(`${path} has no "profiles"`);
  const read = Object.entries(profiles).map(([name, settings]) => {
    const entries = Object.entries((settings ?? {}) as Record<string, unknown>);
    return [name, Object.fromEntries(entries.map(([key, value]) => [key, String(value)]))] as const;
  });
  return { current: typeof current === 'string' ? current : undefined, profiles: Object.fromEntries(read) };
}

/** Throws ProfileError where there is no place for the file, DiskError when it cannot be written. */
export function writeProfiles(io: ToolIo, profiles: Profiles): void {
  const path = profilesPath(io);
  if (path === undefined)
    throw new ProfileError('profiles are kept below HOME, which is not set: set OTTLA_CONFIG to a file');
  const { disk } = io.runtime;
  const directory = path.slice(0, path.lastIndexOf('/'));
  if (directory !== '') disk.makeDirectorySync(directory);
  disk.writeFileSync(path, new TextEncoder().encode(`${JSON.stringify(profiles, null, 2)}\n`), OWNER_ONLY);
}

/** The settings of the profile named, of the one in OTTLA_PROFILE, of the current one, or none. Throws ProfileError. */
export function settingsOf(io: ToolIo, name: string | undefined): ProfileSettings {
  const wanted = name ?? io.environment['OTTLA_PROFILE'];
  const { current, profiles } = readProfiles(io);
  const chosen = wanted ?? current;
  if (chosen === undefined) return {};
  const found = profiles[chosen];
  if (found !== undefined) return found;
  if (wanted === undefined) return {};
  const known = Object.keys(profiles);
  const hint =
    known.length === 0 ? 'there are none; `ottla profile create NAME` makes one' : `there are ${known.join(', ')}`;
  throw new ProfileError(`there is no profile ${JSON.stringify(chosen)}: ${hint}`);
}

const SECRET = /pass|secret|token|jaas|\.key$|private|certificate\.chain/i;

/** A value as it may be shown: secrets are not. */
export function shownSetting(key: string, value: string): string {
  return SECRET.test(key) ? '***' : value;
}
