// Forms of kafka-delegation-tokens, on a broker that asks for a login.
import { type Form, numbered } from './forms.ts';

const split = (text: string): string[] => text.split(' ').filter((one) => one !== '');

function form(tool: string, args: string, more: Partial<Form> = {}): Form {
  return { name: `${tool} ${args}`, tool: `kafka-${tool}`, args: split(args), ...more };
}

const ALICE =
  'security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="secret";\n';
const tokens = (args: string, more: Partial<Form> = {}): Form =>
  form('delegation-tokens', `--bootstrap-server $B --command-config $D/alice.properties ${args}`, {
    files: { 'alice.properties': ALICE },
    ...more,
  });

export const TOKEN_FORMS: readonly Form[] = numbered([
  tokens(''),
  tokens('--describe'),
  tokens('--create --max-life-time-period -1'),
  tokens('--create --max-life-time-period 3600000 --renewer-principal User:bob --renewer-principal User:carol'),
  tokens('--create --max-life-time-period -1 --renewer-principal bob'),
  tokens('--create --max-life-time-period -1 --renewer-principal Group:bob'),
  tokens('--create --max-life-time-period -1 --owner-principal User:dave'),
  tokens('--create --max-life-time-period -1 --owner-principal User:alice'),
  tokens('--create'),
  tokens('--create --max-life-time-period x'),
  tokens('--create --max-life-time-period -1 --hmac AAAA'),
  tokens('--create --max-life-time-period -1 --renew-time-period 1'),
  tokens('--create --max-life-time-period -1 --expiry-time-period 1'),
  tokens('--create --describe'),
  tokens('--describe --owner-principal User:nobody'),
  tokens('--describe --owner-principal nobody'),
  tokens('--describe --hmac AAAA'),
  tokens('--describe --renewer-principal User:bob'),
  tokens('--describe --max-life-time-period 1'),
  tokens('--renew'),
  tokens('--renew --renew-time-period -1'),
  tokens('--renew --hmac AAAA'),
  tokens('--renew --renew-time-period -1 --hmac AAAA'),
  tokens('--renew --renew-time-period -1 --hmac !'),
  tokens('--renew --renew-time-period -1 --hmac AAAA --owner-principal User:alice'),
  tokens('--renew --renew-time-period -1 --hmac AAAA --max-life-time-period 1'),
  tokens('--renew --renew-time-period -1 --hmac AAAA --expiry-time-period 1'),
  tokens('--expire'),
  tokens('--expire --expiry-time-period -1'),
  tokens('--expire --expiry-time-period -1 --hmac AAAA'),
  tokens('--expire --expiry-time-period -1 --hmac AAAA --renew-time-period 1'),
  tokens('--expire --expiry-time-period -1 --hmac AAAA --renewer-principal User:bob'),
  form('delegation-tokens', '--create --max-life-time-period -1'),
  form('delegation-tokens', '--bootstrap-server $B --describe'),
  form('delegation-tokens', '--command-config $D/alice.properties --describe'),
]);
