// ListGroups, versions 0 to 5. The groups that a broker coordinates.
//   v3 flexible · v4 filter by state (KIP-518) · v5 filter by type (KIP-848)
import { api, array, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, groupId, throttleTimeMs } from './fields.ts';

export const ListGroups = api({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexible: 3,
  request: {
    statesFilter: array(string).since(4).doc('Empty: all states.'),
    typesFilter: array(string).since(5).doc('Empty: all types.'),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(1).ignorable(),
    errorCode,
    groups: array({
      groupId,
      protocolType: string.doc("'consumer' for consumers, 'connect' for Connect workers."),
      groupState: string.since(4).ignorable(),
      groupType: string.since(5).ignorable(),
    }),
  },
});
export interface ListGroupsRequest extends RequestOf<typeof ListGroups> {}
export interface ListGroupsResponse extends ResponseOf<typeof ListGroups> {}
