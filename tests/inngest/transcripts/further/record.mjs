// Records what a dev server and the TypeScript SDK say to each other over the functions of `functions.mjs`.
//
//   npm install --no-save inngest@4.24.0 express@5
//   inngest dev --no-discovery --no-poll --retry-interval 1   # in another terminal
//   node record.mjs plain; node record.mjs checkpointing; node record.mjs buffered
//
// Two proxies stand between the two, one for each direction. `SERVER` is where the server is; `ONLY=a,b` plays these functions alone, and prints.
import { createServer as listen, request as ask } from "node:http";
import { writeFileSync } from "node:fs";
import { Inngest } from "inngest";
import express from "express";
import { serve } from "inngest/express";
import { further } from "./functions.mjs";

const MODES = { plain: false, checkpointing: true, buffered: { bufferedSteps: 3 } };
const PORTS = { app: 18604, calls: 18605, outgoing: 18606 };
const QUIET_MS = 8000;
const REQUEST_HEADERS = ["content-type", "x-inngest-generation-id", "x-inngest-req-version", "x-inngest-step-id", "x-request-id", "x-inngest-event-id-seed"];
const RESPONSE_HEADERS = ["content-type", "retry-after", "x-inngest-no-retry", "x-inngest-req-version", "x-inngest-sdk-handled", "x-inngest-sync-kind"];

const mode = process.argv[2];
if (!(mode in MODES)) throw new Error(`one of ${Object.keys(MODES).join(", ")} is asked for`);
const server = new URL(process.env.SERVER ?? "http://127.0.0.1:8288");
const calls = [];
const outgoing = [];
const open = new Map();
let last = Date.now();

const picked = (headers, names) => Object.fromEntries(names.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]));
/** JavaScript's stacks are cut to their first line. */
const parsed = (text) => {
  try {
    return JSON.parse(text, (key, value) => (key === "stack" && typeof value === "string" ? value.split("\n")[0] : value));
  } catch {
    return text;
  }
};

function proxy(port, target, begins, ends) {
  const handle = async (incoming, answer) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const record = { method: incoming.method, url: incoming.url, request_headers: picked(incoming.headers, REQUEST_HEADERS), request: parsed(body.toString()) };
    last = Date.now();
    begins(record);
    const headers = { ...incoming.headers, host: target.host };
    const forwarded = ask({ hostname: target.hostname, port: target.port, path: incoming.url, method: incoming.method, headers }, async (response) => {
      const parts = [];
      for await (const part of response) parts.push(part);
      const text = Buffer.concat(parts);
      Object.assign(record, { status: response.statusCode, response_headers: picked(response.headers, RESPONSE_HEADERS), response: parsed(text.toString()) });
      last = Date.now();
      ends(record);
      answer.writeHead(response.statusCode, response.headers).end(text);
    });
    forwarded.on("error", (error) => answer.writeHead(502).end(String(error)));
    forwarded.end(body);
  };
  return new Promise((ready) => listen(handle).listen(port, "127.0.0.1", ready));
}

const functionOf = (url) => new URL(url, "http://x").searchParams.get("fnId")?.replace(/^rec-/, "") ?? null;
const local = (port) => `http://127.0.0.1:${port}`;

await proxy(
  PORTS.calls,
  new URL(local(PORTS.app)),
  (record) => open.set(record, functionOf(record.url)),
  (record) => {
    open.delete(record);
    calls.push({ function: functionOf(record.url), ...record });
  },
);
await proxy(
  PORTS.outgoing,
  server,
  (record) => {
    // In which call it was sent: a checkpoint says so, an event by its name, which is that of the function.
    const sender = record.url.startsWith("/e/") ? record.request[0]?.name.replace("rec/out.", "") : null;
    const call = [...open].find(([, name]) => name === sender)?.[0];
    record.during = record.request?.request_id ?? call?.request_headers["x-request-id"] ?? signalSender(record);
  },
  (record) => outgoing.push(record),
);
function signalSender(record) {
  if (record.url !== "/v1/signals") return null;
  return [...open].find(([, name]) => name === "signal-sends")?.[0].request_headers["x-request-id"] ?? null;
}

const nothing = () => {};
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const client = new Inngest({ id: "rec", isDev: true, logger, baseUrl: local(PORTS.outgoing), checkpointing: MODES[mode] });
const { functions, play } = further(client);
const app = express();
app.use(express.json({ limit: "10mb" }));
app.use("/api/inngest", serve({ client, functions, serveOrigin: local(PORTS.calls) }));
await new Promise((ready) => app.listen(PORTS.app, "127.0.0.1", ready));
console.log((await fetch(`${local(PORTS.calls)}/api/inngest`, { method: "PUT" }).then((answer) => answer.text())).trim());

const only = process.env.ONLY?.split(",");
const send = (event, data) => fetch(new URL("/e/recorder", server), { method: "POST", body: JSON.stringify({ name: event, data }) });
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const played = Object.entries(play).filter(([name]) => !only || only.includes(name));
await Promise.all(played.flatMap(([, events]) => events.map(({ event, data, at }) => wait(at).then(() => send(event, data)))));
// The schedule of one function has it start each minute.
const isScheduled = () => only || calls.some((call) => call.function === "minutely");
while (open.size > 0 || Date.now() - last < QUIET_MS || !isScheduled()) await wait(100);

calls.forEach((call, number) => (call.number = number));
calls.sort((one, other) => (one.function ?? "").localeCompare(other.function ?? "") || one.number - other.number);
calls.forEach((call) => delete call.number);
const silent = played.filter(([name, events]) => events.length > 0 && !calls.some((call) => call.function === name));
if (silent.length > 0) console.log(`never called: ${silent.map(([name]) => name).join(", ")}`);
const lines = (records) => records.map((record) => `${JSON.stringify(record)}\n`).join("");
if (only) console.log(lines(calls), lines(outgoing));
else {
  writeFileSync(`${mode}-calls.jsonl`, lines(calls));
  writeFileSync(`${mode}-outgoing.jsonl`, lines(outgoing));
}
console.log(`${calls.length} calls, ${outgoing.length} sent`);
process.exit(0);
