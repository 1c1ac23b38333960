// What `ottla profile` does.
import type { Work } from '../command-frame.ts';
import { keyValues } from '../connection.ts';
import { Failure } from '../failure.ts';
import { type ProfileSettings, readProfiles, shownSetting, writeProfiles } from '../../profile/profile-store.ts';

export const listProfiles: Work<object> = async ({ io, output }) => {
  const { current, profiles } = readProfiles(io);
  const rows = Object.entries(profiles).map(([name, settings]) => ({
    name,
    brokers: settings['brokers'] ?? settings['bootstrap.servers'] ?? '',
    is_current: name === current,
  }));
  output.list(rows, [
    { heading: 'name', cell: ({ name, is_current: isCurrent }) => `${name}${isCurrent ? '*' : ''}` },
    { heading: 'brokers', cell: ({ brokers }) => brokers },
  ]);
};

export const createProfile: Work<{ readonly set?: readonly string[]; readonly brokers?: string }> = async (
  { io, output },
  [name = ''],
  options,
) => {
  const stored = readProfiles(io);
  if (stored.profiles[name] !== undefined)
    throw new Failure(`there is a profile ${name} already: \`ottla profile set\` changes it`);
  const settings = {
    ...(options.brokers !== undefined && { brokers: options.brokers }),
    ...keyValues('--set', options.set ?? []),
  };
  writeProfiles(io, { current: name, profiles: { ...stored.profiles, [name]: settings } });
  tell(output, `profile ${name} is made, and in use`);
};

function tell(output: { readonly isText: boolean; text(text: string): void }, line: string): void {
  if (output.isText) output.text(`${line}\n`);
}

function existing(profiles: Readonly<Record<string, ProfileSettings>>, name: string): ProfileSettings {
  const found = profiles[name];
  if (found === undefined) throw new Failure(`there is no profile ${JSON.stringify(name)}`);
  return found;
}

export const useProfile: Work<object> = async ({ io, output }, [name = '']) => {
  const { profiles } = readProfiles(io);
  existing(profiles, name);
  writeProfiles(io, { current: name, profiles });
  tell(output, `profile ${name} is in use`);
};

export const currentProfile: Work<object> = async ({ io, output }) => {
  const { current } = readProfiles(io);
  if (current === undefined) throw new Failure('no profile is in use');
  if (output.isText) output.text(`${current}\n`);
  else output.data({ name: current });
};

export const printProfile: Work<object> = async ({ io, output }, [given]) => {
  const { current, profiles } = readProfiles(io);
  const name = given ?? current;
  if (name === undefined) throw new Failure('no profile is in use: name one');
  const settings = Object.entries(existing(profiles, name)).map(
    ([key, value]) => [key, shownSetting(key, value)] as const,
  );
  if (output.isText) output.text(settings.map(([key, value]) => `${key}=${value}\n`).join(''));
  else output.data({ name, settings: Object.fromEntries(settings) });
};

export const setProfile: Work<object> = async ({ io, output }, pairs) => {
  const { current, profiles } = readProfiles(io);
  if (current === undefined) throw new Failure('no profile is in use: `ottla profile create NAME` makes one');
  const changed = { ...existing(profiles, current), ...keyValues('set', pairs) };
  const settings = Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== ''));
  writeProfiles(io, { current, profiles: { ...profiles, [current]: settings } });
  tell(output, `profile ${current} is changed`);
};

export const renameProfile: Work<object> = async ({ io, output }, [old = '', name = '']) => {
  const { current, profiles } = readProfiles(io);
  const { [old]: settings, ...rest } = profiles;
  existing(profiles, old);
  if (rest[name] !== undefined) throw new Failure(`there is a profile ${name} already`);
  writeProfiles(io, {
    current: current === old ? name : current,
    profiles: { ...rest, [name]: settings as ProfileSettings },
  });
  tell(output, `profile ${old} is called ${name} now`);
};

export const deleteProfile: Work<object> = async ({ io, output }, [name = '']) => {
  const { current, profiles } = readProfiles(io);
  existing(profiles, name);
  const { [name]: _, ...rest } = profiles;
  writeProfiles(io, { current: current === name ? undefined : current, profiles: rest });
  tell(output, `profile ${name} is forgotten`);
};
