// The options of kafka-delegation-tokens.
import { flag, LONG, valued } from './options/option.ts';

export const OPTIONS = {
  bootstrapServer: valued('bootstrap-server', 'REQUIRED: server(s) to use for bootstrapping.'),
  commandConfig: valued(
    'command-config',
    'REQUIRED: A property file containing configs to be passed to Admin Client. Token management operations are allowed in secure mode only. This config file is used to pass security related configs.',
  ),
  create: flag('create', 'Create a new delegation token. Use --renewer-principal option to pass renewer principals.'),
  renew: flag('renew', 'Renew delegation token. Use --renew-time-period option to set renew time period.'),
  expire: flag('expire', 'Expire delegation token. Use --expiry-time-period option to expire the token.'),
  describe: flag(
    'describe',
    'Describe delegation tokens for the given principals. Use --owner-principal to pass owner/renewer principals. If --owner-principal option is not supplied, all the user-owned tokens and tokens where the user has Describe permissions will be returned.',
  ),
  owners: valued('owner-principal', 'owner is a Kafka principal. They should be in principalType:name format.', {
    isOptional: true,
  }),
  renewers: valued('renewer-principal', 'renewer is a Kafka principal. They should be in principalType:name format.', {
    isOptional: true,
  }),
  maxLife: valued(
    'max-life-time-period',
    'Max life period for the token in milliseconds. If the value is -1, then token max life time will default to the server side config value of (delegation.token.max.lifetime.ms).',
    { isOptional: true, type: LONG },
  ),
  renewTime: valued(
    'renew-time-period',
    'Renew time period in milliseconds. If the value is -1, then the renew time period will default to the server side config value of (delegation.token.expiry.time.ms).',
    { isOptional: true, type: LONG },
  ),
  expiryTime: valued(
    'expiry-time-period',
    'Expiry time period in milliseconds. If the value is -1, then the token will get invalidated immediately.',
    { isOptional: true, type: LONG },
  ),
  hmac: valued('hmac', 'HMAC of the delegation token', { isOptional: true }),
};
