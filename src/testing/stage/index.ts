// The stage itself, apart from the types that stand in the package's declarations.
export { TestingStage } from './testing-stage.ts';
