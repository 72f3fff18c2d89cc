/** Keeps a page that fails from taking the shell with it. */
import { Component, type ComponentChildren } from "preact";
import { useLocation } from "preact-iso/router";
import { Page } from "../parts/page.tsx";
import { ErrorState } from "../parts/states.tsx";

class Boundary extends Component<{ path: string; children: ComponentChildren }, { error: Error | null }> {
  override state = { error: null };

  static override getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown): void {
    // Told to whoever looks at the console and to tests, as an error that nobody caught would be.
    reportError(error);
  }

  /** Another address is a new start. */
  override componentDidUpdate(before: { path: string }): void {
    if (before.path !== this.props.path && this.state.error !== null) this.setState({ error: null });
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Page title="This page failed">
        <ErrorState error={error} onRetry={() => this.setState({ error: null })} />
      </Page>
    );
  }
}

export function PageBoundary({ children }: { children: ComponentChildren }) {
  return <Boundary path={useLocation().path}>{children}</Boundary>;
}
