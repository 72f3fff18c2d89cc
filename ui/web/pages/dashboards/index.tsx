import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function DashboardsPage() {
  return (
    <Page title="Dashboards">
      <Empty title="Events, logs and metrics as charts." />
    </Page>
  );
}
