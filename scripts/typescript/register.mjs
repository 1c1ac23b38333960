// Lets Node import TypeScript: what the tests run with (.mocharc.json). It takes the types away and nothing else, so that functions are
// as fast as in the build; a loader that gives each closure its name when it is made (tsx, for the scripts) makes them slower.
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./hooks.mjs', import.meta.url);
