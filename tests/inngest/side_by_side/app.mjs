// The functions of `../side_by_side.rs`, served by the official SDK. Prints the port.
import { createServer } from "node:http";
import { Inngest } from "inngest";
import { serve } from "inngest/edge";

const client = new Inngest({ id: "app", isDev: process.env.MODE === "dev", checkpointing: false, logger: silent() });
const functions = [
  client.createFunction({ id: "double", triggers: [{ event: "app/double" }] }, async ({ event, step }) =>
    step.run("double", () => event.data.n * 2),
  ),
  client.createFunction({ id: "long", triggers: [{ event: "app/long" }] }, async ({ step }) => {
    let sum = 0;
    for (let i = 0; i <= 1000; i++) sum += await step.run("add", () => i);
    return sum;
  }),
  client.createFunction({ id: "pair", triggers: [{ event: "app/pair" }] }, async ({ step }) => {
    const [a, b] = await Promise.all([step.run("a", () => 1), step.run("b", () => 2)]);
    return step.run("sum", () => a + b);
  }),
];
const handle = serve({ client, functions });
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = ["GET", "HEAD"].includes(request.method) ? undefined : Buffer.concat(chunks);
  const url = `http://${request.headers.host}${request.url}`;
  // What the handler throws is what a framework answers 500 for.
  const failed = (error) => new Response(JSON.stringify({ message: String(error) }), { status: 500 });
  const answer = await handle(new Request(url, { method: request.method, headers: request.headers, body })).catch(failed);
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

function silent() {
  const nothing = () => {};
  return { debug: nothing, info: nothing, warn: nothing, error: nothing };
}
