import { render } from "preact";
import { App } from "./app.tsx";
import { startLive } from "./data/live.ts";

startLive();
render(<App />, document.getElementById("root")!);
