// The follower's side, loaded with the first partition that is to be followed: a node alone never needs it.
type Following = typeof import('./following/index.ts');

let loaded: Following | undefined;

/** At once where it has been loaded before, as simulations need it, whose time does not wait for files. */
export function following(): Following | Promise<Following> {
  return loaded ?? import('./following/index.ts').then((module) => (loaded = module));
}
