import { render } from "preact";
import { App } from "./app.tsx";
import { startLive } from "./data/live.ts";
import { listen } from "./data/stream.ts";
import { toast } from "./parts/toast.tsx";

startLive();
// What is wrong with a part of the stream ends nothing of it, so that nothing else would tell.
listen({ onProblem: ({ title, detail = title }) => toast(detail, { tone: "warn" }) });
render(<App />, document.getElementById("root")!);
