// Our own commands by name, each loaded when it is asked for.
import type { Noun } from './command-frame.ts';

export const nouns: Readonly<Record<string, () => Promise<Noun>>> = {
  cat: async () => (await import('../cat/cat.ts')).cat,
  topic: async () => (await import('./topic/topic.ts')).topic,
  produce: async () => (await import('./record-commands.ts')).produce,
  consume: async () => (await import('./record-commands.ts')).consume,
  producer: async () => (await import('./simple/simple.ts')).producer,
  consumer: async () => (await import('./simple/simple.ts')).consumer,
  group: async () => (await import('./group/group.ts')).group,
  share: async () => (await import('./group/share.ts')).share,
  streams: async () => (await import('./group/streams.ts')).streams,
  security: async () => (await import('./security/security.ts')).security,
  acl: async () => (await import('./security/acl.ts')).acl,
  user: async () => (await import('./security/user.ts')).user,
  quota: async () => (await import('./security/quota.ts')).quota,
  token: async () => (await import('./security/token.ts')).token,
  config: async () => (await import('./config/config.ts')).config,
  cluster: async () => (await import('./cluster/cluster.ts')).cluster,
  txn: async () => (await import('./txn/txn.ts')).txn,
  log: async () => (await import('./log/log.ts')).log,
  registry: async () => (await import('./registry/registry.ts')).registry,
  bench: async () => (await import('./bench/bench.ts')).bench,
  doctor: async () => (await import('./doctor/doctor.ts')).doctor,
  apply: async () => (await import('./apply/apply.ts')).apply,
  profile: async () => (await import('./profile/profile.ts')).profile,
  completion: async () => (await import('./completion.ts')).completion(nouns),
};
