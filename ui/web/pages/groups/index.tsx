import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function GroupsPage() {
  return (
    <Page title="Groups">
      <Empty title="Consumer groups: state, members, assignment and lag." />
    </Page>
  );
}
