// Who may do what. Everybody may do everything: there are no ACLs to be asked (authorizer.class.name is not set).
import type { Authorizer } from '../../api-handlers/index.ts';

export const allowAll: Authorizer = { isAllowed: () => true };
