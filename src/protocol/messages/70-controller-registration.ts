// ControllerRegistration, version 0, flexible. A controller joins the cluster (KIP-919).
import { api, array, bool, int16, int32, type RequestOf, type ResponseOf, string, uint16, uuid } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const ControllerRegistration = api({
  key: 70,
  name: 'ControllerRegistration',
  versions: [0, 0],
  flexible: 0,
  request: {
    controllerId: int32,
    incarnationId: uuid.doc('Made anew whenever the process starts.'),
    zkMigrationReady: bool.doc('Of the time of ZooKeeper; always false.'),
    listeners: array({
      name: string.mapKey(),
      host: string,
      port: uint16,
      securityProtocol: int16.doc('0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.'),
    }),
    features: array({ name: string.mapKey(), minSupportedVersion: int16, maxSupportedVersion: int16 }),
  },
  response: { throttleTimeMs, errorCode, errorMessage: string.nullable() },
});
export interface ControllerRegistrationRequest extends RequestOf<typeof ControllerRegistration> {}
export interface ControllerRegistrationResponse extends ResponseOf<typeof ControllerRegistration> {}
