/** Where one can go: a column at the side, or behind a button where there is no room for it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { unseenAlerts } from "../data/live.ts";
import { useResource } from "../data/resource.ts";
import { signOut } from "../data/session.ts";
import type { AppConfig } from "../data/types.ts";
import { Icon } from "../parts/icon.tsx";
import { toast } from "../parts/toast.tsx";
import { isUnder, NAV } from "../routes.tsx";
import { ConnectionStatus } from "./connection.tsx";
import { helpOpen, paletteOpen } from "./open.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

function Brand() {
  return (
    <a class="brand" href="/" aria-label="Kafka streaming platform: overview">
      <img src="/icon.svg" alt="" width="24" height="24" />
      <span>Streaming</span>
    </a>
  );
}

function NavList() {
  const { path } = useLocation();
  const unseen = unseenAlerts.value;
  useEffect(() => {
    if (isUnder(path, "/alerts")) unseenAlerts.value = 0;
  }, [path, unseen]);
  return (
    <ul class="nav-list">
      {NAV.map(({ href, label, icon }) => (
        <li key={href}>
          <a href={href} aria-current={isUnder(path, href) ? "page" : undefined}>
            <Icon name={icon} />
            {label}
            {href === "/alerts" && unseen > 0 && (
              <span class="nav-count">
                {unseen > 99 ? "99+" : unseen}
                <span class="visually-hidden"> new</span>
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Foot() {
  const needsToken = useResource<AppConfig>("/api/config").data?.needs_token ?? false;
  return (
    <div class="nav-foot">
      <ThemeSwitch />
      {needsToken && (
        <button type="button" class="button quiet" onClick={leave}>
          Sign out
        </button>
      )}
      <div class="nav-foot-row">
        <ConnectionStatus />
        <button
          type="button"
          class="button quiet icon-only"
          title="Keyboard (?)"
          aria-label="Keyboard shortcuts"
          onClick={openHelp}
        >
          <Icon name="help" />
        </button>
      </div>
    </div>
  );
}

const leave = () => {
  signOut().catch((error: Error) => toast(error.message, { tone: "bad" }));
};
const openHelp = () => {
  helpOpen.value = true;
};
const openPalette = () => {
  paletteOpen.value = true;
};

function SearchButton() {
  return (
    <button type="button" class="button search-button" onClick={openPalette}>
      <Icon name="search" /> <span>Go to…</span> <kbd>Ctrl K</kbd>
    </button>
  );
}

export function Sidebar() {
  return (
    <header class="sidebar">
      <Brand />
      <SearchButton />
      <nav aria-label="Pages">
        <NavList />
      </nav>
      <Foot />
    </header>
  );
}

export function TopBar() {
  const [open, setOpen] = useState(false);
  const { url } = useLocation();
  useEffect(() => setOpen(false), [url]);
  return (
    <header class="topbar">
      <button
        type="button"
        class="button quiet icon-only"
        aria-label="Menu"
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name="menu" />
      </button>
      <Brand />
      <ConnectionStatus />
      <button type="button" class="button quiet icon-only" aria-label="Go to…" onClick={openPalette}>
        <Icon name="search" />
      </button>
      {open && <Menu onClose={() => setOpen(false)} />}
    </header>
  );
}

function Menu({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current!.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it for the pointer, Escape for the keyboard
    <dialog
      ref={dialog}
      class="menu"
      aria-label="Menu"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="menu-box">
        <div class="nav-foot-row">
          <Brand />
          <button type="button" class="button quiet icon-only" aria-label="Close the menu" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <nav aria-label="Pages">
          <NavList />
        </nav>
        <Foot />
      </div>
    </dialog>
  );
}
