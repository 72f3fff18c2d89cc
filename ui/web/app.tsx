/** The shell: navigation at the side, the page that the address names, and what belongs to all of them. */
import { LocationProvider, Route, Router } from "preact-iso/router";
import { Toasts } from "./parts/toast.tsx";
import { ROUTES } from "./routes.tsx";
import { CommandPalette } from "./shell/command-palette.tsx";
import { ConnectionBanner } from "./shell/connection.tsx";
import { GlobalKeys } from "./shell/global-keys.tsx";
import { KeyHelp } from "./shell/key-help.tsx";
import { Sidebar, TopBar } from "./shell/navigation.tsx";
import { NotFound } from "./shell/not-found.tsx";
import { PageBoundary } from "./shell/page-boundary.tsx";
import { SignIn } from "./shell/sign-in.tsx";

/** A new page is announced, and the keyboard goes on from its title. */
function focusTitle(): void {
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
}

export function App() {
  return (
    <LocationProvider>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <TopBar />
      <Sidebar />
      <main id="main" tabIndex={-1}>
        <ConnectionBanner />
        <PageBoundary>
          <Router onRouteChange={focusTitle}>
            {ROUTES.map(({ path, page }) => (
              <Route key={path} path={path} component={page} />
            ))}
            <Route default component={NotFound} />
          </Router>
        </PageBoundary>
      </main>
      <Toasts />
      <GlobalKeys />
      <CommandPalette />
      <KeyHelp />
      <SignIn />
    </LocationProvider>
  );
}
