import { array, int16, int32, since, string, struct } from "../../wire/schema.ts";
import { type Api, defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 18 ApiVersions: what this broker serves; derived from the registered APIs.
 * v1 adds throttle_time_ms; v3 is flexible and tells the client's software. Its response header is always v0. A
 * version that is not served is answered in v0 form with error 35 and just this API's own range (see dispatch.ts).
 * Features are never listed: none is finalized.
 */
export const API_VERSIONS_KEY = 18;
const VERSIONS = [0, 4] as const;

const response = struct({
  errorCode: int16,
  apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
  throttleTimeMs: since(1, int32),
});

/** In v0 form: a client then asks again with a version that it finds here. */
export const unsupportedApiVersions = {
  errorCode: ErrorCode.UNSUPPORTED_VERSION,
  apiKeys: [{ apiKey: API_VERSIONS_KEY, minVersion: VERSIONS[0], maxVersion: VERSIONS[1] }],
  throttleTimeMs: 0,
};

const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** `others`: all APIs but this one. */
export function defineApiVersions(others: readonly Api[]): Api {
  const api: Api = defineApi({
    key: API_VERSIONS_KEY,
    name: "ApiVersions",
    versions: VERSIONS,
    flexibleFrom: 3,
    request: struct({ clientSoftwareName: since(3, string), clientSoftwareVersion: since(3, string) }),
    response,
    handle({ clientSoftwareName, clientSoftwareVersion }, { apiVersion }) {
      const wellNamed = SOFTWARE_NAME.test(clientSoftwareName) && SOFTWARE_NAME.test(clientSoftwareVersion);
      if (apiVersion >= 3 && !wellNamed) {
        return { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [], throttleTimeMs: 0 };
      }
      return { errorCode: ErrorCode.NONE, apiKeys, throttleTimeMs: 0 };
    },
  });
  const apiKeys = [...others, api]
    .sort((a, b) => a.key - b.key)
    .map(({ key, versions, advertised = versions }) => ({
      apiKey: key,
      minVersion: advertised[0],
      maxVersion: advertised[1],
    }));
  return api;
}
