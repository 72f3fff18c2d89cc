import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function BrokerPage() {
  return (
    <Page title="Broker">
      <Empty title="Brokers, their configuration, and the sizes of their logs." />
    </Page>
  );
}
