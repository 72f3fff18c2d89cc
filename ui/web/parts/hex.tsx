/** Bytes as they are. */
import { useState } from "preact/hooks";
import { formatBytes } from "../data/format.ts";
import { hexRows } from "./hex-rows.ts";

/** Shown at once; the rest on demand. */
const FIRST_BYTES = 4096;

export function Hex({ bytes, label = "Bytes" }: { bytes: Uint8Array; label?: string }) {
  const [limit, setLimit] = useState(FIRST_BYTES);
  const rows = hexRows(bytes, limit);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <figure class="code hex" aria-label={`${label}, ${formatBytes(bytes.length)}`} tabIndex={0}>
      <pre>
        {rows.map(({ offset, hex, text }) => (
          <span key={offset}>
            <span class="quiet">{offset}</span>
            {`  ${hex.padEnd(47)}  `}
            <span class="json-string">{text}</span>
            {"\n"}
          </span>
        ))}
      </pre>
      {bytes.length > limit && (
        <button type="button" class="button" onClick={() => setLimit(limit * 8)}>
          Show more of {formatBytes(bytes.length)}
        </button>
      )}
    </figure>
  );
}
