/** Reading the API. */
const TIMEOUT_MS = 8000;

/** No answer at all, unlike an answer that is an error. */
export class Unreachable extends Error {}

/** Numbers that JavaScript would change (2^53+1, 1.50) keep their text where the browser can hand it over. */
function exactly(_key, value, context) {
  const changed = typeof value === "number" && context?.source && String(value) !== context.source;
  return changed && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
}

/** The answer's body, `/health` also when it is bad. Throws Unreachable, or an Error with the problem's detail. */
export async function read(path) {
  let response;
  let text;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch {
    throw new Unreachable("The platform does not answer.");
  }
  const body = JSON.parse(text, exactly);
  if (!response.ok && !body.checks) throw new Error(body.detail ?? response.statusText);
  return body;
}

export const messagesPath = (topic, limit) => `/api/messages/${encodeURIComponent(topic)}?limit=${limit}`;
