/** A form made from a JSON Schema. What it gives is checked by the server, which knows the schema in full. */
import { useState } from "preact/hooks";
import { SelectField, TextField } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { inputOf, isObject, type JsonSchema, startValue, variantLabel, variantOf } from "./schema.ts";

export interface SchemaFormProps {
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

export function SchemaForm(props: SchemaFormProps) {
  return (
    <div class="schema-form">
      <Part {...props} label="Value" bare />
    </div>
  );
}

interface PartProps extends SchemaFormProps {
  readonly label: string;
  /** Without a frame and name of its own. */
  readonly bare?: boolean;
}

function Part({ schema, value, onChange, label, bare = false }: PartProps) {
  const input = inputOf(schema);
  const help = schema.description;
  switch (input.kind) {
    case "object":
      return <ObjectPart {...{ schema, value, onChange, label, bare }} />;
    case "array":
      return <ArrayPart item={input.item} {...{ value, onChange, label, help }} />;
    case "variants":
      return <VariantPart variants={input.variants} {...{ value, onChange, label }} />;
    case "constant":
      return (
        <TextField
          label={label}
          value={String(input.value)}
          onInput={() => {}}
          help={help ?? "Fixed"}
          readOnly
        />
      );
    case "choice":
      return (
        <SelectField
          label={label}
          help={help}
          value={JSON.stringify(value)}
          options={input.options.map((option) => ({ value: JSON.stringify(option), label: String(option) }))}
          onChange={(text) => onChange(JSON.parse(text))}
        />
      );
    case "boolean":
      return (
        <label class="check">
          <input
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.currentTarget.checked)}
          />
          {label}
        </label>
      );
    case "number":
      return <NumberPart whole={input.whole} {...{ value, onChange, label, help }} />;
    case "text":
      return (
        <TextField
          label={label}
          help={help}
          value={typeof value === "string" ? value : ""}
          onInput={onChange}
        />
      );
    case "null":
      return null;
    default:
      return <JsonPart {...{ value, onChange, label, help }} />;
  }
}

function ObjectPart({ schema, value, onChange, label, bare }: PartProps) {
  const input = inputOf(schema);
  const fields = input.kind === "object" ? input.fields : [];
  const data = isObject(value) ? value : {};
  const set = (name: string, part: unknown) => onChange({ ...data, [name]: part });
  const without = (name: string) => Object.fromEntries(Object.entries(data).filter(([key]) => key !== name));
  const missing = fields.filter(([name]) => !(name in data));
  return (
    <fieldset class={bare ? "form-fields" : "form-fields framed"}>
      <legend class={bare ? "visually-hidden" : undefined}>{label}</legend>
      {fields
        .filter(([name]) => name in data)
        .map(([name, field, required]) => (
          <div key={name} class="form-field">
            <Part schema={field} value={data[name]} label={name} onChange={(part) => set(name, part)} />
            {!required && <RemoveButton label={name} onClick={() => onChange(without(name))} />}
          </div>
        ))}
      {missing.length > 0 && (
        <div class="actions">
          {missing.map(([name, field]) => (
            <button key={name} type="button" class="button" onClick={() => set(name, startValue(field))}>
              <Icon name="plus" /> {name}
            </button>
          ))}
        </div>
      )}
    </fieldset>
  );
}

interface LeafProps {
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly label: string;
  readonly help?: string | undefined;
}

function ArrayPart({ item, value, onChange, label, help }: LeafProps & { item: JsonSchema }) {
  const items = Array.isArray(value) ? value : [];
  return (
    <fieldset class="form-fields framed">
      <legend>{label}</legend>
      {help && <p class="field-help">{help}</p>}
      {items.map((one, index) => (
        <div key={index} class="form-field">
          <Part
            schema={item}
            value={one}
            label={`${label} ${index + 1}`}
            onChange={(part) => onChange(items.with(index, part))}
          />
          <RemoveButton label={`${label} ${index + 1}`} onClick={() => onChange(items.toSpliced(index, 1))} />
        </div>
      ))}
      <div class="actions">
        <button type="button" class="button" onClick={() => onChange([...items, startValue(item)])}>
          <Icon name="plus" /> Add to {label}
        </button>
      </div>
    </fieldset>
  );
}

function VariantPart({ variants, value, onChange, label }: LeafProps & { variants: readonly JsonSchema[] }) {
  const current = variantOf(variants, value);
  return (
    <div class="form-fields">
      <SelectField
        label={`${label}: kind`}
        value={String(current)}
        options={variants.map((variant, index) => ({
          value: String(index),
          label: variantLabel(variant, index),
        }))}
        onChange={(index) => onChange(startValue(variants[Number(index)]!))}
      />
      <Part key={current} schema={variants[current]!} value={value} onChange={onChange} label={label} bare />
    </div>
  );
}

/** Keeps what was typed until it is a number that JSON carries exactly. */
function NumberPart({ whole, value, onChange, label, help }: LeafProps & { whole: boolean }) {
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (typeof value === "number" ? String(value) : "");
  const error = text === null ? null : numberError(text, whole);
  return (
    <TextField
      label={label}
      help={help}
      error={error}
      value={shown}
      onInput={(typed) => {
        setText(typed);
        if (numberError(typed, whole) === null) onChange(Number(typed));
      }}
    />
  );
}

function numberError(text: string, whole: boolean): string | null {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return `Expected a number, got ${JSON.stringify(text)}`;
  if (whole && !Number.isInteger(value)) return `Expected a whole number, got ${text}`;
  if (whole && !Number.isSafeInteger(value))
    return "Too large for this form: edit it as JSON, where each digit stays";
  return null;
}

/** JSON text, given on whenever it is whole. */
function JsonPart({ value, onChange, label, help }: LeafProps) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [error, setError] = useState<string | null>(null);
  return (
    <TextField
      label={`${label} (JSON)`}
      help={help}
      error={error}
      rows={4}
      value={text}
      onInput={(typed) => {
        setText(typed);
        try {
          onChange(JSON.parse(typed));
          setError(null);
        } catch (problem) {
          setError((problem as SyntaxError).message);
        }
      }}
    />
  );
}

function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" class="button quiet icon-only" aria-label={`Leave out ${label}`} onClick={onClick}>
      <Icon name="close" />
    </button>
  );
}
