// kafka-delegation-tokens beside the original, on a broker that asks for a login.
import { TOKENS } from '../../../conformance/forms/form-sets.ts';
import { describeForms } from './describe-forms.ts';

describeForms(TOKENS);
