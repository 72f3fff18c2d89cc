import { type Theme, theme } from "../data/theme.ts";
import { Icon, type IconName } from "../parts/icon.tsx";

const CHOICES: readonly (readonly [Theme, IconName, string])[] = [
  ["system", "system", "As the system"],
  ["light", "sun", "Light"],
  ["dark", "moon", "Dark"],
];

export function ThemeSwitch() {
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">Theme</legend>
      {CHOICES.map(([value, icon, label]) => (
        <button
          key={value}
          type="button"
          aria-pressed={theme.value === value}
          aria-label={label}
          title={label}
          onClick={() => {
            theme.value = value;
          }}
        >
          <Icon name={icon} />
        </button>
      ))}
    </fieldset>
  );
}
