/** The numbers of the platform that move, once a second: topics, functions, health. */
import type { GroupView, ReadView } from "../../runtime/view.ts";

export function toStats(view: ReadView) {
  const rates = view.stream.rates();
  const functions = view.functions().map((fn) => ({
    name: fn.name,
    status: fn.status,
    reason: fn.reason,
    lag: fn.lag,
    records_in: fn.recordsIn,
    records_out: fn.recordsOut,
    dead_letters: fn.deadLetters,
    invocations: fn.invocations,
    mean_duration_ms: fn.meanDurationMs,
    rate_in: rates.get(fn.name)?.in ?? 0,
    rate_out: rates.get(fn.name)?.out ?? 0,
  }));
  return {
    health: view.health().status,
    topics: view.topics().map(({ name, rate, messageCount, recentCount }) => ({
      name,
      rate,
      message_count: messageCount,
      recent_count: recentCount,
    })),
    functions,
    rate_in: functions.reduce((sum, { rate_in }) => sum + rate_in, 0),
    rate_out: functions.reduce((sum, { rate_out }) => sum + rate_out, 0),
  };
}

export function toLag(groups: readonly GroupView[]) {
  return {
    groups: groups.map(({ id, state, members, lag, lagSeconds, partitions }) => ({
      id,
      state,
      members: members.length,
      lag,
      lag_seconds: lagSeconds,
      partitions: partitions.map((p) => ({
        topic: p.topic,
        partition: p.partition,
        lag: p.lag,
        lag_seconds: p.lagSeconds,
        committed_offset: p.committedOffset,
        end_offset: p.endOffset,
      })),
    })),
  };
}
