// `ottla security`: rpk's name of what is `ottla acl` and `ottla user` too.
import { noun } from '../command-frame.ts';
import { withNouns } from '../nested-nouns.ts';

export const security = withNouns(
  noun('security', 'The same as `ottla acl` and `ottla user`: security acl list, security user create ...', []),
  {
    acl: async () => (await import('./acl.ts')).acl,
    user: async () => (await import('./user.ts')).user,
  },
);
