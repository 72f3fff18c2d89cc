import { Page } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";

export function NotFound() {
  return (
    <Page title="No such page">
      <Empty title={`There is no page at ${location.pathname}.`}>
        <a href="/">Go to the overview</a>
      </Empty>
    </Page>
  );
}
