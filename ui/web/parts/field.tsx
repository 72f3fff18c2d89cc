/** A labelled input with its help and error. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Common {
  readonly label: string;
  /** Shown to those who cannot see the place alone. */
  readonly hideLabel?: boolean;
  readonly help?: ComponentChildren | undefined;
  readonly error?: string | null;
}

type Parts = Common & {
  readonly children: (attributes: Record<string, string | boolean>) => ComponentChildren;
};

/** For inputs of your own: give the attributes to the input. */
export function Field({ label, hideLabel = false, help, error, children }: Parts) {
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={`field ${error ? "invalid" : ""}`}>
      <label for={id} class={hideLabel ? "visually-hidden" : undefined}>
        {label}
      </label>
      {children({
        id,
        ...(described && { "aria-describedby": described }),
        ...(error && { "aria-invalid": true }),
      })}
      {help && (
        <p id={`${id}-help`} class="field-help">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

export interface TextFieldProps extends Common {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "search" | "number" | "datetime-local";
  readonly placeholder?: string;
  /** Several lines, in the fixed-width font. */
  readonly rows?: number;
  readonly mono?: boolean;
  /** For numbers and times. */
  readonly min?: number;
  readonly max?: number;
  readonly step?: string;
  /** Which keyboard a phone shows. */
  readonly inputMode?: "numeric" | "decimal";
  readonly readOnly?: boolean;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

export function TextField({
  value,
  onInput,
  type = "text",
  placeholder,
  rows,
  mono,
  min,
  max,
  step,
  inputMode,
  readOnly,
  onKeyDown,
  ...common
}: TextFieldProps) {
  return (
    <Field {...common}>
      {(attributes) =>
        rows === undefined ? (
          <input
            {...attributes}
            // The types know each kind of input for itself.
            type={type as "text"}
            {...{ min, max, step, inputMode, readOnly, onKeyDown }}
            value={value}
            placeholder={placeholder}
            class={mono ? "mono" : undefined}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          <textarea
            {...attributes}
            rows={rows}
            value={value}
            placeholder={placeholder}
            class="mono"
            spellcheck={false}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        )
      }
    </Field>
  );
}

export interface SelectFieldProps extends Common {
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ value, options, onChange, ...common }: SelectFieldProps) {
  return (
    <Field {...common}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
