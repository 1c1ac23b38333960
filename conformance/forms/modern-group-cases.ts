// Forms of the tools of share groups and streams groups.
import { type Form, MODERN_GROUP_CLASSES, numbered } from './forms.ts';
import { usageOf } from './making-forms.ts';
import { SHARE_GROUP_FORMS } from './share-group-cases.ts';
import { STREAMS_GROUP_FORMS } from './streams-group-cases.ts';

const USAGE: readonly Form[] = Object.keys(MODERN_GROUP_CLASSES).flatMap((tool) => usageOf(tool.replace('kafka-', '')));

export const MODERN_GROUP_FORMS: readonly Form[] = numbered([...USAGE, ...SHARE_GROUP_FORMS, ...STREAMS_GROUP_FORMS]);
