// `ottla token`: delegation tokens (KIP-48).
import { noun, type Verb } from '../command-frame.ts';
import { durationFlag } from '../flag-values.ts';

const verbs: readonly Verb[] = [
  {
    usage: 'create',
    summary: 'make a token; its HMAC is the password that it stands for, and is shown once',
    flags: [
      ['--renewer <principals>', 'who may renew it, User:bob', { isCommaList: true }],
      ['--owner <principal>', 'for whom, when it is not oneself'],
      ['--max-life-time <time>', 'how long it may be renewed', { parse: durationFlag }],
    ],
    work: async () => (await import('./tokens.ts')).createToken,
  },
  {
    usage: 'list',
    aliases: ['ls', 'describe'],
    summary: 'list tokens, without their HMACs',
    flags: [['--owner <principals>', 'of these only', { isCommaList: true }]],
    work: async () => (await import('./tokens.ts')).listTokens,
  },
  {
    usage: 'renew <hmac>',
    summary: 'let a token live longer; - reads the HMAC from standard input',
    flags: [['--for <time>', 'so long', { parse: durationFlag }]],
    work: async () => (await import('./tokens.ts')).renewToken,
  },
  {
    usage: 'expire <hmac>',
    summary: 'end a token; - reads the HMAC from standard input',
    flags: [['--in <time>', 'when; at once without it', { parse: durationFlag }]],
    work: async () => (await import('./tokens.ts')).expireToken,
  },
];

export const token = noun('token', 'Make, show, renew and end delegation tokens', verbs);
