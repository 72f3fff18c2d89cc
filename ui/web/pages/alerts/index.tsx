import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function AlertsPage() {
  return (
    <Page title="Alerts">
      <Empty title="Alerts and anomalies, live and past, by service and host." />
    </Page>
  );
}
