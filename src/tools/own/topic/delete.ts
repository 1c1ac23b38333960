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
  const outcomes = await admin.deleteTopics(names, context.call);
  // Brokers answer in orders of their own.
  const rows = [...outcomes].sort(([a], [b]) => names.indexOf(a) - names.indexOf(b));
  return tellOutcomes(context.output, 'topic', rows);
};
