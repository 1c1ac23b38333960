// Chai wraps each assertion in a proxy that throws at a misspelt property: four fifths of what an `expect` costs, and worlds in virtual time
// make millions of them. Here the type checker finds what is misspelt.
import { config } from 'chai';

config.useProxy = false;
