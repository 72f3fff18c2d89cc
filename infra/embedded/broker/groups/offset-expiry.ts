import { ErrorCode } from "../errors.ts";
import { type GroupEntry, type GroupStore, tombstones } from "./group-store.ts";

/**
 * Forgets offsets that were committed up to `before` (ms), of groups that have been empty since then, and groups of
 * which nothing is left.
 */
export async function expireOffsets(store: GroupStore, before: number): Promise<void> {
  for (const [groupId, entry] of [...store.entries]) {
    if (!isIdle(entry)) continue;
    const expired = entry.group.stateSinceMs <= before ? entry.offsets.committedUpTo(before) : [];
    const records = tombstones(groupId, expired);
    if (expired.length === entry.offsets.list().length)
      records.push({ kind: "group", group: groupId, value: null });
    const errorCode = await store.write(records);
    if (errorCode === ErrorCode.NONE && entry.offsets.isEmpty && isIdle(entry)) store.entries.delete(groupId);
  }
}

/** Nobody is in the group, about to be, or writing to it. */
function isIdle({ group, commitsInFlight }: GroupEntry): boolean {
  return group.state === "Empty" && group.pendingMembers.size === 0 && commitsInFlight === 0;
}
