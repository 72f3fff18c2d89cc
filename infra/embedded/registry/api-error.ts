/** Errors as Confluent's registry answers them: {error_code, message}, the status being the code's first three digits. */
import type { ContentfulStatusCode } from "hono/utils/http-status";

export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 404, 40401, … */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  get status(): ContentfulStatusCode {
    return Number(String(this.code).slice(0, 3)) as ContentfulStatusCode;
  }
}

export const subjectNotFound = (subject: string) => new ApiError(40401, `Subject '${subject}' not found.`);
export const versionNotFound = (version: number) => new ApiError(40402, `Version ${version} not found.`);
export const schemaNotFound = () => new ApiError(40403, "Schema not found");
export const idNotFound = (id: number) => new ApiError(40403, `Schema ${id} not found`);
export const subjectSoftDeleted = (subject: string) =>
  new ApiError(40404, `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`);
export const subjectNotSoftDeleted = (subject: string) =>
  new ApiError(40405, `Subject '${subject}' was not deleted first before being permanently deleted`);
export const versionSoftDeleted = (subject: string, version: number) =>
  new ApiError(
    40406,
    `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
  );
export const versionNotSoftDeleted = (subject: string, version: number) =>
  new ApiError(
    40407,
    `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
  );
export const noSubjectConfig = (subject: string) =>
  new ApiError(40408, `Subject '${subject}' does not have subject-level compatibility configured`);
export const noSubjectMode = (subject: string) =>
  new ApiError(40409, `Subject '${subject}' does not have subject-level mode configured`);
export const invalidSchema = (message: string) => new ApiError(42201, message);
export const invalidVersion = (version: string) =>
  new ApiError(
    42202,
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
export const invalidLevel = () =>
  new ApiError(
    42203,
    "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive",
  );
export const invalidMode = () =>
  new ApiError(42204, "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT");
export const notPermitted = (message: string) => new ApiError(42205, message);
export const referenceExists = (subject: string, version: number) =>
  new ApiError(
    42206,
    `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
  );
export const idDoesNotMatch = (message: string) => new ApiError(42207, message);
export const invalidSubject = (subject: string, why: string) =>
  new ApiError(42208, `The specified subject '${subject}' is not valid: ${why}`);
export const schemaTooLarge = (message: string) => new ApiError(42209, message);
export const storeError = (message: string) => new ApiError(50001, message);
export const notLeader = (message: string) => new ApiError(50004, message);
export const storeTimeout = (message: string) => new ApiError(50002, message);
