// What goes wrong, by the codes that clients switch on: the status is their first three digits. Confluent's Errors and its texts,
// because clients show and compare them.

export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  /** 40401, or an HTTP status alone. */
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string, status = code >= 10_000 ? Math.floor(code / 100) : code) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const error = (code: number, message: string): RegistryError => new RegistryError(code, message);

export const subjectNotFound = (subject: string | null): RegistryError =>
  error(40401, `Subject '${subject}' not found.`);
export const versionNotFound = (version: number): RegistryError => error(40402, `Version ${version} not found.`);
export const schemaNotFound = (what?: number | string): RegistryError =>
  error(40403, what === undefined ? 'Schema not found' : `Schema ${what} not found`);
export const subjectSoftDeleted = (subject: string): RegistryError =>
  error(40404, `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`);
export const subjectNotSoftDeleted = (subject: string): RegistryError =>
  error(40405, `Subject '${subject}' was not deleted first before being permanently deleted`);
export const versionSoftDeleted = (subject: string, version: number): RegistryError =>
  error(40406, `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`);
export const versionNotSoftDeleted = (subject: string, version: number): RegistryError =>
  error(40407, `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`);
export const noSubjectConfig = (subject: string): RegistryError =>
  error(40408, `Subject '${subject}' does not have subject-level compatibility configured`);
export const noSubjectMode = (subject: string | null): RegistryError =>
  error(40409, `Subject '${subject}' does not have subject-level mode configured`);
export const incompatible = (subject: string, reasons: readonly string[]): RegistryError =>
  error(
    40901,
    `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${reasons.join(', ')}]`,
  );
export const invalidSchema = (message: string): RegistryError => error(42201, message);
export const invalidVersion = (version: string): RegistryError =>
  error(
    42202,
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
export const invalidLevel = (): RegistryError =>
  error(
    42203,
    'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
  );
export const invalidMode = (
  message = 'Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.',
): RegistryError => error(42204, message);
export const notPermitted = (message: string): RegistryError => error(42205, message);
export const referenceExists = (subject: string, version: number): RegistryError =>
  error(
    42206,
    `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
  );
export const invalidSubject = (subject: string): RegistryError =>
  error(42208, `The specified subject '${subject}' is not a valid.`);
export const tooLarge = (): RegistryError => error(42209, 'Register operation failed because schema is too large');
export const invalidRuleSet = (message: string): RegistryError => error(42210, message);
export const contextNotEmpty = (context: string): RegistryError =>
  error(42211, `The specified context '${context}' is not empty.`);
export const storeFailed = (message: string): RegistryError => error(50001, message);
export const timedOut = (message: string): RegistryError => error(50002, message);
export const forwardingFailed = (message: string): RegistryError => error(50003, message);
export const unknownLeader = (): RegistryError => error(50004, 'Leader not known.');
/** A body that is not what the call takes: 422 without a code of its own, as Confluent's bean validation answers. */
export const unprocessable = (message: string): RegistryError => new RegistryError(422, message);
