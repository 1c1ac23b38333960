// The kafka-* tools of topics, records, disks and replicas beside the originals.
import { GENERAL } from '../../../conformance/forms/form-sets.ts';
import { describeForms } from './describe-forms.ts';

describeForms(GENERAL);
