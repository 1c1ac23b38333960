// The kafka-* tools of share groups and streams groups beside the originals.
import { MODERN_GROUPS } from '../../../conformance/forms/form-sets.ts';
import { describeForms } from './describe-forms.ts';

describeForms(MODERN_GROUPS);
