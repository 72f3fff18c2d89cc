// node forward-port.js FROM TO: hands connections to port FROM, on any address, on to port TO on loopback.
// For containers alone: there a published port arrives from outside the loopback that the platform listens on.
import { connect, createServer } from "node:net";

const [from, to] = process.argv.slice(2).map(Number);
if (!(from >= 0 && from < 65_536 && to > 0 && to < 65_536)) {
  throw new Error(`Expected two ports, got ${process.argv.slice(2).join(" ") || "none"}`);
}

const server = createServer((client) => {
  const platform = connect({ host: "127.0.0.1", port: to });
  client.pipe(platform).pipe(client);
  // One side's failure ends the other: nothing is kept of a broken connection.
  client.on("error", () => platform.destroy());
  platform.on("error", (error) => {
    client.destroy();
    // The platform's container has restarted and has a new loopback: only a start of ours gets us there.
    if (error.code === "ECONNREFUSED") throw error;
  });
});
server.listen(from, () => process.stdout.write(`${JSON.stringify({ from: server.address().port, to })}\n`));
process.on("SIGTERM", () => process.exit(0));
