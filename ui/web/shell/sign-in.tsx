/** Asks for the token, over whatever is shown: that stays as it is, and goes on once there is a session. */
import { useEffect, useRef, useState } from "preact/hooks";
import { signedOut } from "../data/api.ts";
import { signIn } from "../data/session.ts";
import { Field } from "../parts/field.tsx";

export function SignIn() {
  return signedOut.value ? <SignInDialog /> : null;
}

function SignInDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, setToken] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current!.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(token);
    } catch (refused) {
      setError((refused as Error).message);
      setBusy(false);
    }
  };
  return (
    <dialog
      ref={dialog}
      class="dialog small"
      aria-labelledby="sign-in"
      // There is nothing to see without: Escape leads nowhere.
      onCancel={(event) => event.preventDefault()}
      onClose={() => dialog.current?.showModal()}
    >
      <form class="dialog-box" onSubmit={(event) => void submit(event)}>
        <header class="dialog-head">
          <h2 id="sign-in">Sign in</h2>
        </header>
        <div class="dialog-body">
          <Field label="Token" help="As HTTP_TOKEN has it where the platform runs." error={error}>
            {(attributes) => (
              <input
                {...attributes}
                type="password"
                autocomplete="current-password"
                required
                value={token}
                onInput={(event) => setToken(event.currentTarget.value)}
              />
            )}
          </Field>
        </div>
        <footer class="dialog-foot">
          <button type="submit" class="button primary" disabled={busy}>
            Sign in
          </button>
        </footer>
      </form>
    </dialog>
  );
}
