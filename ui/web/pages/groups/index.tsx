/** Consumer groups, or the one that the path names. */
import { useRoute } from "preact-iso/router";
import { GroupPage } from "./group.tsx";
import { GroupsList } from "./list.tsx";

export default function GroupsPage() {
  const { id } = useRoute().params;
  return id ? <GroupPage key={id} id={id} /> : <GroupsList />;
}
