/** The browser that tests and pictures are made with: the one of a package, or one that is installed. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const INSTALLED = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** CHROME_PATH, the package's (for Linux on x64), or one of the usual places; rejects where there is none. */
async function executablePath(): Promise<string> {
  const chosen = process.env.CHROME_PATH;
  if (chosen) return chosen;
  if (process.platform === "linux" && process.arch === "x64") {
    const { default: packaged } = await import("@sparticuz/chromium");
    return packaged.executablePath();
  }
  const found = INSTALLED.find((path) => existsSync(path));
  if (found) return found;
  throw new Error(`Expected CHROME_PATH to name a Chrome or Chromium, or one at ${INSTALLED.join(", ")}`);
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await executablePath(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"],
  });
}
