import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function SchemasPage() {
  return (
    <Page title="Schemas">
      <Empty title="The schema of each topic as its definition has it." />
    </Page>
  );
}
