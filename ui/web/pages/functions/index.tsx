import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function FunctionsPage() {
  return (
    <Page title="Functions">
      <Empty title="The graph of functions and topics, and each function with its invocations." />
    </Page>
  );
}
