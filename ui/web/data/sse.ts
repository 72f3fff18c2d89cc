/** Server-sent events as the HTML standard defines them, from text that comes in pieces. Pure. */

export interface ServerSentEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  /** Empty where a block brings an id alone. */
  readonly data: string;
  /** The id it came with. */
  readonly id: string | null;
}

/** Takes each piece of text and gives the events that it completes. */
export function createSseParser(): (piece: string) => ServerSentEvent[] {
  let rest = "";
  let event = "";
  let id: string | null = null;
  let data: string[] = [];

  return (piece) => {
    const events: ServerSentEvent[] = [];
    const lines = (rest + piece).split(/\r\n|\n|\r/);
    // A last \r may be the half of a \r\n: the lines are whole only once more has come.
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0 || id !== null)
          events.push({ event: event || "message", data: data.join("\n"), id });
        event = "";
        id = null;
        data = [];
        continue;
      }
      const colon = line.indexOf(":");
      const name = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") data.push(value);
      else if (name === "event") event = value;
      else if (name === "id" && !value.includes("\0")) id = value;
    }
    return events;
  };
}
