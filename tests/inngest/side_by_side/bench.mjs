// One call that replays 1,000 recorded steps and runs one more, in the official SDK's handler: `bench.mjs REQUEST.json`.
// Prints the times in microseconds, one a line.
import { readFileSync } from "node:fs";
import { Inngest } from "inngest";
import { serve } from "inngest/edge";

const nothing = () => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const client = new Inngest({ id: "app", isDev: true, checkpointing: false, logger });
const long = client.createFunction({ id: "long", triggers: [{ event: "app/long" }] }, async ({ step }) => {
  let sum = 0;
  for (let i = 0; i <= 1000; i++) sum += await step.run("add", () => i);
  return sum;
});
const handle = serve({ client, functions: [long] });
const body = readFileSync(process.argv[2], "utf8");
const url = "http://app.test/api/inngest?fnId=app-long&stepId=step";
const headers = { "content-type": "application/json", host: "app.test" };
for (let round = -Number(process.argv[3] ?? 20); round < Number(process.argv[4] ?? 100); round++) {
  const began = process.hrtime.bigint();
  const answer = await handle(new Request(url, { method: "POST", headers, body }));
  const text = await answer.text();
  const took = Number(process.hrtime.bigint() - began) / 1000;
  if (answer.status !== 206 || !text.includes('"data":1000')) throw new Error(`${answer.status} ${text}`);
  if (round >= 0) console.log(took.toFixed(1));
}
