import { Page } from "../../parts/page.tsx";
import { Empty } from "../../parts/states.tsx";

export default function TopicPage() {
  return (
    <Page title="Topic">
      <Empty title="The records of one topic: live, browsed and searched, with its configuration, partitions and consumers." />
    </Page>
  );
}
