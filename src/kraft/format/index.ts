// Formatting and opening of log directories.
export { defaultFeatureLevels } from './default-levels.ts';
export { type FirstVoter, type FirstVoters, format, type FormatRequest } from './format-command.ts';
export { DEFAULT_FEATURE_LEVELS, featureLevelRecords, readBootstrap } from './bootstrap.ts';
export {
  ensureFormatted,
  formatAdded,
  type FormatOptions,
  type FormattedDirectory,
  type FormattedNode,
} from './format-directories.ts';
export { FormatError, type MetaProperties, readMetaProperties, writeMetaProperties } from './meta-properties.ts';
