/** A panel at the side for one thing of a list, which stays in use beside it; on a narrow screen it covers all. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useKeys } from "../data/keys.ts";
import { Icon } from "./icon.tsx";

export interface DrawerProps {
  readonly title: string;
  readonly onClose: () => void;
  /** At the right of the title: copy, download, next. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Open for as long as it is rendered. Takes the focus when it opens and gives it back. */
export function Drawer({ title, onClose, actions, children }: DrawerProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useKeys({ Escape: { label: "Close the panel", group: "Lists", run: onClose } });
  useEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement;
    // Beside the list that it was opened from, the arrow keys go on in the list.
    const list = before?.closest<HTMLElement>("[role=listbox]");
    if (matchMedia("(max-width: 900px)").matches) element.showModal();
    else element.show();
    if (list && !element.matches(":modal")) list.focus();
    else heading.current?.focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="drawer"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <div class="actions">
          {actions}
          <button type="button" class="button icon-only quiet" aria-label="Close the panel" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
      </header>
      <div class="drawer-body">{children}</div>
    </dialog>
  );
}
