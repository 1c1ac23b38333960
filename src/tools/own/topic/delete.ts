import type { Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { matching } from '../name-patterns.ts';
import { tellOutcomes } from '../outcome-rows.ts';

export const deleteTopics: Work<{ readonly regex?: boolean }> = async (context, words, { regex = false }) => {
  const admin = await context.admin();
  let names = words;
  if (regex) {
    const listed = await admin.listTopics(context.call);
    names = await matching(
      listed.map(({ name }) => name),
      words,
    );
    if (names.length === 0) throw new Failure('no topic is matched');
  }
  return tellOutcomes(context.output, 'topic', await admin.deleteTopics(names, context.call));
};
