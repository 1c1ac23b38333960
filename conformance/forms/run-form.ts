// A form by Ottla's own tools, in this process.
import { extras } from '../../src/cli/extras.ts';
import { memoryIo } from '../../test/tools/memory-io.ts';
import { argumentsAt, type Form, type FormOutcome, type Place, prepareForm } from './forms.ts';

export async function runForm(form: Form, place: Place): Promise<FormOutcome> {
  await prepareForm(form, place);
  const io = memoryIo({ input: form.input ?? '' });
  const load = extras[form.tool];
  if (load === undefined) return { code: -1, out: '', err: 'no such tool' };
  const code = await (await load())(argumentsAt(form.args, place), io);
  return { code, out: io.out(), err: io.err() };
}
