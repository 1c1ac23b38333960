// The kafka-* tools of groups, security and the cluster beside the originals.
import { GROUPS } from '../../../conformance/forms/form-sets.ts';
import { describeForms } from './describe-forms.ts';

describeForms(GROUPS);
