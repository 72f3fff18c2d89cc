/** Looks through the whole topic, on its page. */
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { withQuery } from "../../data/api.ts";
import { pagePath } from "../../data/location.ts";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { LEVELS } from "./logs.ts";

export function LogSearch({ topic }: { topic: string }) {
  const { route } = useLocation();
  const [text, setText] = useState("");
  const [level, setLevel] = useState("");
  const search = (event: Event) => {
    event.preventDefault();
    const filter = level && `value.level == ${JSON.stringify(level)}`;
    route(withQuery(pagePath("topics", topic), { tab: "browse", q: text.trim(), filter }));
  };
  return (
    <search>
      <form class="filters" onSubmit={search}>
        <TextField
          label="Search the logs"
          hideLabel
          type="search"
          placeholder="Search all logs"
          value={text}
          onInput={setText}
        />
        <SelectField
          label="Level"
          hideLabel
          value={level}
          options={[{ value: "", label: "Any level" }, ...LEVELS.map((one) => ({ value: one, label: one }))]}
          onChange={setLevel}
        />
        <button type="submit" class="button">
          <Icon name="search" /> Search
        </button>
      </form>
    </search>
  );
}
