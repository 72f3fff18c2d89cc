/** Signing in and out, where the platform asks for a token. The browser keeps the session; no script sees it. */
import { getText, sendJson, signedOut } from "./api.ts";

/** Throws ApiError for a wrong token, or after too many. */
export async function signIn(token: string): Promise<void> {
  await sendJson("POST", "/api/session", JSON.stringify({ token }));
  signedOut.value = false;
}

/** Leaves nothing of what was shown. */
export async function signOut(): Promise<void> {
  await sendJson("DELETE", "/api/session");
  location.assign("/");
}

// Another tab may have signed in meanwhile.
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !signedOut.peek()) return;
  getText("/api/config").then(
    () => {
      signedOut.value = false;
    },
    () => {}, // the question for the token stays
  );
});
