/** The keys that are in force on this page. */
import { bindings, type Shortcut } from "../data/keys.ts";
import { Dialog } from "../parts/dialog.tsx";
import { helpOpen } from "./open.ts";

export function KeyHelp() {
  return helpOpen.value ? <Help /> : null;
}

function Help() {
  const all = new Map<string, Shortcut>(bindings.value.flatMap((one) => Object.entries(one.current)));
  const groups = new Map<string, [string, Shortcut][]>();
  for (const [keys, shortcut] of all) {
    const group = shortcut.group ?? "Everywhere";
    groups.set(group, [...(groups.get(group) ?? []), [keys, shortcut]]);
  }
  return (
    <Dialog title="Keyboard" onClose={() => (helpOpen.value = false)}>
      <div class="key-help">
        {[...groups].map(([group, shortcuts]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {shortcuts.map(([keys, { label }]) => (
                <div key={keys}>
                  <dt>{label}</dt>
                  <dd>
                    <Keys keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

const NAMES: Readonly<Record<string, string>> = { mod: "Ctrl", Escape: "Esc" };

function Keys({ keys }: { keys: string }) {
  return (
    <>
      {keys.split(/[ +]/).map((key, i) => (
        <>
          {i > 0 && " "}
          <kbd>{NAMES[key] ?? (key.length === 1 && keys.startsWith("mod") ? key.toUpperCase() : key)}</kbd>
        </>
      ))}
    </>
  );
}
