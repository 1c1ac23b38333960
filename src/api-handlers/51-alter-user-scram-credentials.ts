// AlterUserScramCredentials, version 0, goes to the controller as it is (KIP-554).
import { AlterUserScramCredentials } from '../protocol/messages/51-alter-user-scram-credentials.ts';
import type { ControllerChannel } from './controller-requests.ts';
import { defineHandler } from './handler.ts';

export const alterUserScramCredentials = (controller: ControllerChannel) =>
  defineHandler(AlterUserScramCredentials, {
    authorize: [
      { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
    ],
    handle: (request, context) => controller.forward(AlterUserScramCredentials, request, context),
    failed({ deletions, upsertions }, errorCode, errorMessage) {
      const users = new Set([...deletions, ...upsertions].map(({ name }) => name));
      return { results: [...users].map((user) => ({ user, errorCode, errorMessage })) };
    },
  });
