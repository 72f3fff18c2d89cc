/** Why a record became a dead letter. */
import { formatTime } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import { idOf } from "../../data/message.ts";
import { recordHref } from "../../data/record-link.ts";
import { Icon } from "../../parts/icon.tsx";
import type { Letter } from "./letter.ts";

export function Why({ letter, onRedrive }: { letter: Letter; onRedrive: () => void }) {
  const { reason, error, kind, origin, originTimestamp, function: name, message } = letter;
  return (
    <section class="letter-why" aria-label="Why it could not be handled">
      <p class="letter-why-reason">
        <Icon name="error" /> <b>{error ?? kind ?? "Unknown"}</b>
      </p>
      <p>{reason ?? "No reason is given."}</p>
      <p class="quiet">
        {name && (
          <>
            By <a href={pagePath("functions", name)}>{name}</a>
          </>
        )}
        {origin && (
          <>
            {name ? ", from " : "From "}
            <a href={recordHref(origin)}>{idOf(origin)}</a>
          </>
        )}
        {originTimestamp && `, a record of ${formatTime(originTimestamp, new Date())}`}
        {`. Set aside at ${formatTime(message.timestamp, new Date())}.`}
      </p>
      {origin && (
        <div class="actions">
          <button type="button" class="button" onClick={onRedrive}>
            <Icon name="replay" /> Produce it again to {origin.topic}
          </button>
        </div>
      )}
    </section>
  );
}
