/** Goes anywhere and does anything by a few letters: pages, topics, functions, groups, actions. */

import { useId, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { pagePath } from "../data/location.ts";
import { useResource } from "../data/resource.ts";
import { type Theme, theme } from "../data/theme.ts";
import type { FunctionInfo, Group, Topic } from "../data/types.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { NAV } from "../routes.tsx";
import { match } from "./match.ts";
import { helpOpen, paletteOpen } from "./open.ts";

interface Command {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly icon: IconName;
  run(): void;
}

const SHOWN = 50;

export function CommandPalette() {
  return paletteOpen.value ? <Palette /> : null;
}

function close(): void {
  paletteOpen.value = false;
}

function Palette() {
  const commands = useCommands();
  const [text, setText] = useState("");
  const [selected, setSelected] = useState(0);
  const id = useId();
  const found = match(commands, text, ({ kind, label }) => `${kind} ${label}`).slice(0, SHOWN);
  const current = Math.min(selected, found.length - 1);

  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      setSelected(Math.max(0, Math.min(found.length - 1, current + by)));
      document.getElementById(`${id}-${Math.max(0, current + by)}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[current]);
    }
  };

  return (
    <Dialog title="Go to…" class="palette" onClose={close}>
      <input
        type="text"
        role="combobox"
        aria-label="A page, topic, function, group or action"
        aria-expanded={true}
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${current}` : undefined}
        aria-autocomplete="list"
        placeholder="A page, topic, function, group or action"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onKeyDown={onKeyDown}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setSelected(0);
        }}
      />
      <div role="listbox" id={`${id}-list`} aria-label="What matches" tabIndex={-1}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard is the input's, which holds the focus
          <div
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} />
            <span class="palette-label">{command.label}</span>
            <span class="quiet">{command.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="state">Nothing matches “{text}”.</p>}
    </Dialog>
  );
}

function useCommands(): Command[] {
  const { route } = useLocation();
  const topics = useResource<{ topics: Topic[] }>("/api/topics").data?.topics ?? [];
  const functions = useResource<{ functions: FunctionInfo[] }>("/api/functions").data?.functions ?? [];
  const groups = useResource<{ groups: Group[] }>("/api/groups").data?.groups ?? [];
  const link = (kind: string, icon: IconName, label: string, href: string): Command => ({
    id: href,
    kind,
    icon,
    label,
    run: () => route(href),
  });
  const setTheme = (value: Theme, icon: IconName, label: string): Command => ({
    id: `theme-${value}`,
    kind: "Action",
    icon,
    label,
    run: () => {
      theme.value = value;
    },
  });
  return [
    ...NAV.map(({ href, label, icon }) => link("Page", icon, label, href)),
    ...topics.map(({ name }) => link("Topic", "topics", name, pagePath("topics", name))),
    ...functions.map(({ name }) => link("Function", "functions", name, pagePath("functions", name))),
    ...groups.map(({ id }) => link("Group", "groups", id, pagePath("groups", id))),
    setTheme("system", "system", "Theme: as the system"),
    setTheme("light", "sun", "Theme: light"),
    setTheme("dark", "moon", "Theme: dark"),
    {
      id: "help",
      kind: "Action",
      icon: "help",
      label: "Keyboard shortcuts",
      run: () => {
        helpOpen.value = true;
      },
    },
  ];
}
