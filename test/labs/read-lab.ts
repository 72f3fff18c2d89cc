/** A lab's page as a list of steps that a test can take. */
export type Step =
  /** Runs in a terminal of its own until it is stopped. */
  | {
      readonly kind: "start";
      readonly terminal: number;
      readonly env: Record<string, string>;
      readonly args: string[];
    }
  /** Ctrl-C. */
  | { readonly kind: "stop"; readonly terminal: number }
  /** What it prints is to look like this; null: nothing is said of it. `…` stands for anything. */
  | { readonly kind: "run"; readonly command: string; readonly expected: string | null };

const BLOCK = /```(sh|text)\n([\s\S]*?)```/g;
const START = /^((?:[A-Z_]+=\S+ )*)(?:npm|npx ksp) start(.*)$/;

export function readLab(page: string): Step[] {
  const steps: Step[] = [];
  for (const [, language, body] of page.matchAll(BLOCK)) {
    if (language === "text") {
      const last = steps.pop();
      if (last?.kind !== "run")
        throw new Error(`Expected output behind a command, got it behind ${last?.kind}`);
      steps.push({ ...last, expected: body!.trimEnd() });
      continue;
    }
    const [, terminal, rest] = /^# terminal (\d+)(.*)\n/.exec(body!) ?? [];
    if (terminal === undefined) steps.push({ kind: "run", command: body!.trim(), expected: null });
    else if (rest === ": Ctrl-C") steps.push({ kind: "stop", terminal: Number(terminal) });
    else steps.push(toStart(Number(terminal), body!.slice(body!.indexOf("\n") + 1).trim()));
  }
  return steps;
}

function toStart(terminal: number, command: string): Step {
  const match = START.exec(command);
  if (!match) throw new Error(`Expected a platform to be started in terminal ${terminal}, got ${command}`);
  const env = Object.fromEntries(
    match[1]!
      .split(" ")
      .filter(Boolean)
      .map((one) => one.split("=") as [string, string]),
  );
  return { kind: "start", terminal, env, args: match[2]!.split(" ").filter(Boolean) };
}

/** Whether a command printed what its page says. */
export function looksLike(printed: string, expected: string): boolean {
  const pattern = expected.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join("[^]+?")}$`).test(printed.trimEnd());
}
