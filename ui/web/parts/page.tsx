/** The frame of a page: its title, where it belongs, what can be done on it. */
import type { ComponentChildren } from "preact";
import { useTitle } from "../data/location.ts";

export interface PageProps {
  /** Also the tab's title. */
  readonly title: string;
  /** The page above it. */
  readonly parent?: { readonly label: string; readonly href: string };
  /** One sentence below the title. */
  readonly lead?: ComponentChildren;
  /** Buttons and links at the right. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Page({ title, parent, lead, actions, children }: PageProps) {
  useTitle(parent ? `${title} · ${parent.label}` : title);
  return (
    <div class="page">
      <header class="page-head">
        <div class="page-title">
          {parent && (
            <nav aria-label="Breadcrumb">
              <a href={parent.href}>{parent.label}</a> <span aria-hidden="true">/</span>
            </nav>
          )}
          {/* Takes the focus when a page has changed. */}
          <h1 tabIndex={-1}>{title}</h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
