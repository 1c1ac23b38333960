// The kafka-* tools of features, loads and verification beside the originals.
import { MORE } from '../../../conformance/forms/form-sets.ts';
import { describeForms } from './describe-forms.ts';

describeForms(MORE);
