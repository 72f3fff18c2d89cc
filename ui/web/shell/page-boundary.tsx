/** Keeps a page that fails from taking the shell with it. */
import { Component, type ComponentChildren } from "preact";
import { useLocation } from "preact-iso/router";
import { Page } from "../parts/page.tsx";
import { ErrorState } from "../parts/states.tsx";

class Boundary extends Component<{ children: ComponentChildren }, { error: Error | null }> {
  override state = { error: null };

  static override getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown): void {
    // Told to whoever looks at the console and to tests, as an error that nobody caught would be.
    reportError(error);
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

/** Another address is a new start. */
export function PageBoundary({ children }: { children: ComponentChildren }) {
  return <Boundary key={useLocation().path.split("/")[1]}>{children}</Boundary>;
}
