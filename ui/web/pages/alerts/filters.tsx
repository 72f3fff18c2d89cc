import { useUrlState } from "../../data/location.ts";
import { SelectField, TextField } from "../../parts/field.tsx";
import { type AlertFilter, SEVERITIES } from "./alert.ts";

export interface AlertFiltersProps {
  readonly filter: AlertFilter;
  readonly topics: readonly string[];
  /** Services and hosts that there are alerts about. */
  readonly abouts: readonly string[];
}

export function AlertFilters({ filter, topics, abouts }: AlertFiltersProps) {
  const { set } = useUrlState();
  // What the address names is offered, even where there is no alert of it now.
  const options = (any: string, names: readonly string[], chosen: string) =>
    ["", ...new Set([...names, ...(chosen === "" ? [] : [chosen])])].map((name) => ({
      value: name,
      label: name || any,
    }));
  return (
    <div class="filters">
      <TextField
        label="Search alerts"
        hideLabel
        type="search"
        placeholder="Search alerts"
        value={filter.text}
        onInput={(q) => set({ q })}
      />
      <SelectField
        label="Severity"
        hideLabel
        value={filter.severity}
        options={options("Any severity", SEVERITIES, filter.severity)}
        onChange={(severity) => set({ severity })}
      />
      <SelectField
        label="Service or host"
        hideLabel
        value={filter.about}
        options={options("Any service or host", abouts, filter.about)}
        onChange={(about) => set({ about })}
      />
      <SelectField
        label="Topic"
        hideLabel
        value={filter.topic}
        options={options("Any topic", topics, filter.topic)}
        onChange={(topic) => set({ topic })}
      />
    </div>
  );
}
