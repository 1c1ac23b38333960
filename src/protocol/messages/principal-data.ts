// A principal as a broker hands it to the controller in Envelope requests (KIP-590). Two bytes of version in front.
import { bool, message, string, type ValueOf } from '../schema.ts';

export const defaultPrincipalData = message('DefaultPrincipalData', [0, 0], 0, {
  type: string,
  name: string,
  tokenAuthenticated: bool.doc('Authenticated by a delegation token.'),
});
export interface DefaultPrincipalData extends ValueOf<typeof defaultPrincipalData.fields> {}
