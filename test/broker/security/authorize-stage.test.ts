// Permissions that a whole request rests on are asked before its handler; others are not the stage's affair.
import { expect } from 'chai';
import {
  Access,
  type AuditLog,
  type Authorizer,
  defineHandler,
  OPEN_TO_ALL,
  type StagedRequest,
} from '../../../src/api-handlers/index.ts';
import { ANONYMOUS } from '../../../src/protocol/principal.ts';
import { authorizeStage } from '../../../src/broker/security/authorize-stage.ts';
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

/** Allows what `allowed` lists, and notes what it was asked, and what went into the audit log. */
function accessOf(allowed: readonly string[]): { access: Access; asked: string[]; denials: string[] } {
  const asked: string[] = [];
  const denials: string[] = [];
  const audit: AuditLog = {
    denied: (_context, { operation, resource, name }) => denials.push(`${operation} ${resource} ${name}`),
    admin: () => undefined,
  };
  const authorizer: Authorizer = {
    version: 0,
    isAllowedOnAny: () => false,
    isAllowed({ principal }, operation, resource, name) {
      asked.push(`${principal} ${operation} ${resource} ${name}`);
      return allowed.includes(`${operation} ${resource} ${name}`);
    },
  };
  return { asked, denials, access: new Access(authorizer, audit) };
}

const staged = (handler: StagedRequest['handler'], body: StagedRequest['body']): StagedRequest => ({
  handler,
  body,
  context: contextOf(handler.api.key, 0),
  throttleTimeMs: 0,
  sizeBytes: 0,
  startedMs: 0,
  lookedMs: 0,
  spentMs: 0,
});

describe('The authorize stage', () => {
  it('asks for the resource that the whole request is about, by its name', () => {
    const { access, asked, denials } = accessOf(['DELETE GROUP billing']);
    const stage = authorizeStage(access);
    expect(stage.enter(staged(offsetDelete, { groupId: 'billing', topics: [{ name: 'orders' }] }))).to.equal(undefined);
    expect(asked, 'the topics are asked for by the handler').to.deep.equal([`${ANONYMOUS} DELETE GROUP billing`]);
    const verdict = stage.enter(staged(offsetDelete, { groupId: 'sales', topics: [] }));
    expect(verdict).to.have.property('kind', 'refuse');
    expect(verdict).to.have.nested.property('error.code', Errors.GROUP_AUTHORIZATION_FAILED);
    expect(denials).to.deep.equal(['DELETE GROUP sales']);
  });

  it('asks for the cluster where a request names nothing', () => {
    const { access, asked } = accessOf([]);
    const verdict = authorizeStage(access).enter(staged(unregister, { brokerId: 1 }));
    expect(verdict).to.have.nested.property('error.code', Errors.CLUSTER_AUTHORIZATION_FAILED);
    expect(asked).to.deep.equal([`${ANONYMOUS} ALTER CLUSTER kafka-cluster`]);
  });

  it('asks nobody for what is open to all', () => {
    const { access, asked } = accessOf([]);
    const open = { ...unregister, authorize: OPEN_TO_ALL };
    expect(authorizeStage(access).enter(staged(open, {}))).to.equal(undefined);
    expect(asked).to.deep.equal([]);
  });
});
