import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function DeadLettersPage() {
  return (
    <Page title="Dead letters">
      <Empty title="Records that no function could handle, and why." />
    </Page>
  );
}
