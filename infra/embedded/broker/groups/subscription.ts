import { ProtocolError } from "../../wire/protocol-error.ts";
import { Reader } from "../../wire/reader.ts";
import { array, int16, string, struct } from "../../wire/schema.ts";
import { type Group, metadataOf } from "./group.ts";

/** The beginning, common to all versions, of what a consumer sends as its protocol metadata (ConsumerProtocolSubscription). */
const subscription = struct({ version: int16, topics: array(string) });

/** Topics the members of a consumer group are subscribed to; null when a member's metadata is not a subscription. */
export function subscribedTopics(group: Group): Set<string> | null {
  const topics = new Set<string>();
  for (const member of group.members.values()) {
    // Before the first generation no protocol is chosen, and every assignor's metadata lists the same topics.
    const metadata = group.protocolName === null ? member.protocols[0]?.metadata : metadataOf(group, member);
    try {
      for (const topic of subscription.read(new Reader(metadata ?? Buffer.alloc(0)), 0, false).topics)
        topics.add(topic);
    } catch (error) {
      if (error instanceof ProtocolError) return null;
      throw error;
    }
  }
  return topics;
}
