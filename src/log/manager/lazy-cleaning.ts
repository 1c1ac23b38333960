// The code of a pass of the cleaner, loaded with the first one: most brokers start and end without any.
type Cleaning = typeof import('../cleaner/cleaning.ts');

let loaded: Cleaning | undefined;

/** At once where it has been loaded before, as simulations need it, whose time does not wait for files. */
export function cleaning(): Cleaning | Promise<Cleaning> {
  return loaded ?? import('../cleaner/cleaning.ts').then((module) => (loaded = module));
}
