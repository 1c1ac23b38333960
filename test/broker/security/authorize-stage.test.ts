// Permissions that a whole request rests on are asked before its handler; others are not the stage's affair.
import { expect } from 'chai';
import { type Authorizer, defineHandler, OPEN_TO_ALL, type StagedRequest } from '../../../src/api-handlers/index.ts';
import { ANONYMOUS } from '../../../src/broker/network/session.ts';
import { authorizeStage } from '../../../src/broker/security/authorize-stage.ts';
import { allowAll } from '../../../src/broker/security/authorizer.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { OffsetDelete } from '../../../src/protocol/messages/47-offset-delete.ts';
import { UnregisterBroker } from '../../../src/protocol/messages/64-unregister-broker.ts';
import { contextOf } from '../../api-handlers/recorded.ts';

const offsetDelete = defineHandler(OffsetDelete, {
  authorize: [
    { operation: 'DELETE', resource: 'GROUP', at: ['groupId'], asked: 'before', denied: 'GROUP_AUTHORIZATION_FAILED' },
    {
      operation: 'READ',
      resource: 'TOPIC',
      at: ['topics.name'],
      asked: 'within',
      denied: 'TOPIC_AUTHORIZATION_FAILED',
    },
  ],
  handle: () => ({ errorCode: 0, topics: [] }),
  failed: (_request, errorCode) => ({ errorCode, topics: [] }),
});

const unregister = defineHandler(UnregisterBroker, {
  authorize: [
    { operation: 'ALTER', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
  ],
  handle: () => ({ errorCode: 0, errorMessage: null }),
  failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
});

/** Allows what `allowed` lists, and notes what it was asked. */
function authorizerOf(allowed: readonly string[]): { authorizer: Authorizer; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    authorizer: {
      isAllowed({ principal }, operation, resource, name) {
        asked.push(`${principal} ${operation} ${resource} ${name}`);
        return allowed.includes(`${operation} ${resource} ${name}`);
      },
    },
  };
}

const staged = (handler: StagedRequest['handler'], body: StagedRequest['body']): StagedRequest => ({
  handler,
  body,
  context: contextOf(handler.api.key, 0),
  throttleTimeMs: 0,
});

describe('The authorize stage', () => {
  it('asks for the resource that the whole request is about, by its name', () => {
    const { authorizer, asked } = authorizerOf(['DELETE GROUP billing']);
    const stage = authorizeStage(authorizer);
    expect(stage.enter(staged(offsetDelete, { groupId: 'billing', topics: [{ name: 'orders' }] }))).to.equal(undefined);
    expect(asked, 'the topics are asked for by the handler').to.deep.equal([`${ANONYMOUS} DELETE GROUP billing`]);
    const verdict = stage.enter(staged(offsetDelete, { groupId: 'sales', topics: [] }));
    expect(verdict).to.have.property('kind', 'refuse');
    expect(verdict).to.have.nested.property('error.code', Errors.GROUP_AUTHORIZATION_FAILED);
  });

  it('asks for the cluster where a request names nothing', () => {
    const { authorizer, asked } = authorizerOf([]);
    const verdict = authorizeStage(authorizer).enter(staged(unregister, { brokerId: 1 }));
    expect(verdict).to.have.nested.property('error.code', Errors.CLUSTER_AUTHORIZATION_FAILED);
    expect(asked).to.deep.equal([`${ANONYMOUS} ALTER CLUSTER kafka-cluster`]);
  });

  it('asks nobody for what is open to all, and lets all pass without an authorizer', () => {
    const { authorizer, asked } = authorizerOf([]);
    const open = { ...unregister, authorize: OPEN_TO_ALL };
    expect(authorizeStage(authorizer).enter(staged(open, {}))).to.equal(undefined);
    expect(asked).to.deep.equal([]);
    expect(authorizeStage(allowAll).enter(staged(unregister, {}))).to.equal(undefined);
  });
});
