// The functions behind the transcripts of this folder, and what happens to each: the events that start it, and those that come later.
import { NonRetriableError, RetryAfterError } from "inngest";

class CardError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "CardError";
    this.limit = 5000;
  }
}

/** All functions for a client, and `play`: for each what is sent, and after how many milliseconds. */
export function further(client) {
  const functions = [];
  const play = {};
  const counts = {};
  const count = (name) => (counts[name] = (counts[name] ?? 0) + 1);
  const f = (options, handler, events = [{ data: {} }]) => {
    const name = options.id;
    const created = client.createFunction({ triggers: [{ event: `rec/${name}` }], ...options }, handler);
    functions.push(created);
    play[name] = events.map(({ event = `rec/${name}`, data, at = 0 }) => ({ event, data, at }));
    return created;
  };
  const caught = async (promise) => {
    try {
      return { ok: await promise };
    } catch (error) {
      return { error: error.message };
    }
  };

  // Steps at once.
  f({ id: "parallel-caught", retries: 0 }, async ({ step }) => {
    const all = await Promise.all([
      caught(step.run("fine", () => 1)),
      caught(step.run("broken", () => { throw new Error("no luck"); })),
      caught(step.run("also-fine", () => 3)),
    ]);
    return await step.run("report", () => all);
  });
  f({ id: "parallel-fails", retries: 0 }, async ({ step }) => {
    const all = await Promise.all([step.run("fine", () => 1), step.run("broken", () => { throw new Error("no luck"); })]);
    return await step.run("report", () => all);
  });
  f({ id: "parallel-retried", retries: 2 }, async ({ step }) => {
    const [a, b] = await Promise.all([
      step.run("fine", () => "fine"),
      step.run("flaky", () => { if (count("parallel-retried") < 2) throw new Error("not yet"); return "at last"; }),
    ]);
    return await step.run("both", () => `${a}, ${b}`);
  });
  f({ id: "parallel-then-throws", retries: 1 }, async ({ step }) => {
    const [a, b] = await Promise.all([step.run("left", () => 1), step.run("right", () => 2)]);
    throw new Error(`the sum is ${a + b}`);
  });
  f({ id: "parallel-nested" }, async ({ step }) => {
    const inner = async () => {
      const first = await step.run("first", () => 10);
      const pair = await Promise.all([step.run("second", () => first + 1), step.run("third", () => first + 2)]);
      return await step.run("inner-sum", () => pair[0] + pair[1]);
    };
    const [[a, b], c] = await Promise.all([Promise.all([step.run("a", () => 1), step.run("b", () => 2)]), inner()]);
    return await step.run("outer-sum", () => a + b + c);
  });
  f({ id: "parallel-fallback", retries: 0 }, async ({ step }) => {
    const chain = async (name, fails) => {
      try {
        return await step.run(name, () => { if (fails) throw new Error(`${name} fails`); return name; });
      } catch {
        return await step.run(`${name}-fallback`, () => `instead of ${name}`);
      }
    };
    return await Promise.all([chain("one", false), chain("two", true), chain("three", true)]);
  });
  f({ id: "parallel-same-id" }, async ({ step }) => {
    const all = await Promise.all([0, 1, 2].map((i) => step.run("same", () => i)));
    return await step.run("same", () => all);
  });
  f({ id: "parallel-many" }, async ({ step }) => Promise.all([..."abcdef"].map((name) => step.run(name, () => name.toUpperCase()))));
  f({ id: "parallel-sleeps" }, async ({ step }) => {
    await Promise.all([step.sleep("short", "1s"), step.sleep("long", "2s"), step.run("work", () => "done")]);
    return await step.run("after", () => "rested");
  });
  f({ id: "parallel-sleep-chains" }, async ({ step }) => {
    const chain = async (name, seconds) => {
      await step.sleep(`${name}-sleep`, `${seconds}s`);
      return await step.run(`${name}-work`, () => name);
    };
    return await Promise.all([chain("a", 1), chain("b", 2)]);
  });

  // One after the other.
  f({ id: "loop" }, async ({ step }) => {
    const out = [];
    for (let i = 0; i < 3; i++) {
      out.push(await step.run("item", () => i));
      await step.sleep("pause", "1s");
    }
    return out;
  });
  f({ id: "chain" }, async ({ step }) => {
    let n = 0;
    for (let i = 0; i < 8; i++) n = await step.run(`add-${i}`, () => n + i);
    return n;
  });
  f({ id: "unicode-ids" }, async ({ step }) => {
    const a = await step.run("é😀 with spaces", () => "ü");
    return await step.run("x".repeat(300), () => `${a}\u2028"\\`);
  });
  f({ id: "values" }, async ({ step }) => {
    const values = [null, "", [], {}, 0.1, 9007199254740991, { data: { a: 1 } }, { error: "no error" }, { input: [1] }, "null", "é😀\n", [[null]], false];
    const seen = [];
    for (const value of values) seen.push(await step.run("value", () => value));
    return seen;
  });
  f({ id: "large" }, async ({ step }) => {
    const text = await step.run("large", () => "0123456789".repeat(400));
    return await step.run("length", () => text.length);
  });
  f({ id: "flaky-twice", retries: 3 }, async ({ step }) => {
    const a = await step.run("one", () => { if (count("flaky-one") < 3) throw new Error("one is not yet done"); return 1; });
    const b = await step.run("two", () => { if (count("flaky-two") < 2) throw new Error("two is not yet done"); return 2; });
    return a + b;
  });
  f({ id: "step-after-caught", retries: 1 }, async ({ step }) => {
    const first = await caught(step.run("hopeless", () => { throw new Error("hopeless"); }));
    await step.sleep("rest", "1s");
    const second = await caught(step.run("fatal", () => { throw new NonRetriableError("fatal"); }));
    return await step.run("report", () => [first, second]);
  });

  // Errors.
  f({ id: "custom-error", retries: 0 }, async ({ step }) => {
    const found = await step
      .run("charge", () => { throw new CardError("the card is declined", { cause: new RangeError("5000 is too much") }); })
      .catch((error) => ({ name: error.name, message: error.message, cause: error.cause?.message }));
    return await step.run("report", () => found);
  });
  f({ id: "custom-error-uncaught", retries: 0 }, async ({ step }) => {
    await step.run("charge", () => { throw new CardError("the card is declined"); });
  });
  f({ id: "causes", retries: 0 }, async () => {
    throw new Error("outer", { cause: new Error("middle", { cause: new Error("inner") }) });
  });
  f({ id: "caught-then-throws", retries: 1 }, async ({ step }) => {
    const first = await caught(step.run("hopeless", () => { throw new NonRetriableError("hopeless"); }));
    throw new Error(`gives up: ${first.error}`);
  });
  f({ id: "rethrown", retries: 2 }, async ({ step }) => {
    try {
      await step.run("hopeless", () => { throw new NonRetriableError("hopeless"); });
    } catch (error) {
      throw error;
    }
  });
  f({ id: "wrapped", retries: 1 }, async ({ step }) => {
    try {
      await step.run("hopeless", () => { throw new NonRetriableError("hopeless"); });
    } catch (error) {
      throw new Error("it cannot go on", { cause: error });
    }
  });
  f({ id: "fn-exhausted", retries: 2 }, async ({ step }) => {
    const a = await step.run("a", () => 1);
    const b = await step.run("b", () => a + 1);
    throw new Error(`fails with ${b}`);
  });
  f({ id: "fn-fails-first", retries: 1 }, async ({ step }) => {
    if (count("fn-fails-first") < 2) throw new Error("before any step");
    return await step.run("a", () => 1);
  });
  f({ id: "fn-retry-after", retries: 2 }, async ({ step }) => {
    const a = await step.run("a", () => 1);
    if (count("fn-retry-after") < 2) throw new RetryAfterError("in a second", 1000);
    return a;
  });
  f({ id: "step-retry-after-date", retries: 1 }, async ({ step }) =>
    step.run("later", () => {
      if (count("step-retry-after-date") < 2) throw new RetryAfterError("at a date", new Date(Date.now() + 1000));
      return "ok";
    }));
  f({ id: "retry-after-exhausted", retries: 0 }, async ({ step }) => {
    await step.run("later", () => { throw new RetryAfterError("in an hour", "1h"); });
  });

  // Waiting.
  f(
    { id: "wait-if" },
    async ({ step }) => {
      const paid = await step.waitForEvent("paid?", {
        event: "rec/paid",
        timeout: "1m",
        if: "async.data.order.id == event.data.order.id && async.data.method == \"card\" && async.data.cents == 500",
      });
      return await step.run("receipt", () => paid.data.receipt);
    },
    [
      { data: { order: { id: "A-1" } } },
      { event: "rec/paid", data: { order: { id: "A-1" }, method: "cash", cents: 500, receipt: 1 }, at: 2500 },
      { event: "rec/paid", data: { order: { id: "A-2" }, method: "card", cents: 500, receipt: 2 }, at: 2700 },
      { event: "rec/paid", data: { order: { id: "A-1" }, method: "card", cents: 500, receipt: 3 }, at: 2900 },
    ],
  );
  f(
    { id: "wait-parallel" },
    async ({ step }) => {
      const [one, other] = await Promise.all([
        step.waitForEvent("comes", { event: "rec/wait-parallel.comes", timeout: "20s" }),
        step.waitForEvent("never", { event: "rec/wait-parallel.never", timeout: "2s" }),
      ]);
      return await step.run("report", () => ({ one: one?.data ?? null, other: other?.data ?? null }));
    },
    [{ data: {} }, { event: "rec/wait-parallel.comes", data: { text: "é \"quoted\"" }, at: 2500 }],
  );
  f(
    { id: "wait-twice" },
    async ({ step }) => {
      const seen = [];
      for (let i = 0; i < 2; i++) {
        const event = await step.waitForEvent("next", { event: "rec/wait-twice.next", timeout: "20s" });
        seen.push(event.data.n);
      }
      return seen;
    },
    [{ data: {} }, { event: "rec/wait-twice.next", data: { n: 1 }, at: 2500 }, { event: "rec/wait-twice.next", data: { n: 2 }, at: 5000 }],
  );
  f({ id: "sleep-until" }, async ({ step }) => {
    await step.sleepUntil("long-ago", new Date("2020-01-01T00:00:00Z"));
    await step.sleepUntil("not-so-long-ago", "2021-02-03T04:05:06.789Z");
    return await step.run("awake", () => "awake");
  });
  f({ id: "signal-timeout" }, async ({ step }) => {
    const signal = await step.waitForSignal("nobody", { signal: "rec-nobody", timeout: "2s" });
    return await step.run("report", () => ({ signal }));
  });
  f({ id: "signal-waits" }, async ({ step }) => {
    const signal = await step.waitForSignal("go?", { signal: "rec-go", timeout: "30s" });
    return await step.run("report", () => signal.data);
  });
  f({ id: "signal-sends" }, async ({ step }) => {
    await step.sendSignal("go!", { signal: "rec-go", data: { by: "Ada" } });
    return await step.run("sent", () => "sent");
  }, [{ data: {}, at: 3000 }]);
  f(
    { id: "race-timer" },
    async ({ group, step }) => {
      const winner = await group.parallel({ mode: "race" }, () =>
        Promise.race([
          step.sleep("patience", "2s").then(() => "timer"),
          step.waitForEvent("answer", { event: "rec/race-timer.answer", timeout: "5s" }).then(() => "event"),
        ]));
      return await step.run("after", () => winner);
    },
  );
  f(
    { id: "race-event" },
    async ({ group, step }) => {
      const winner = await group.parallel({ mode: "race" }, () =>
        Promise.race([
          step.sleep("patience", "5s").then(() => "timer"),
          step.waitForEvent("answer", { event: "rec/race-event.answer", timeout: "5s" }).then((event) => event.data.text),
        ]));
      return await step.run("after", () => winner);
    },
    [{ data: {} }, { event: "rec/race-event.answer", data: { text: "here" }, at: 2000 }],
  );
  f({ id: "race-steps" }, async ({ group, step }) => {
    const winner = await group.parallel({ mode: "race" }, () => Promise.race([step.run("a", () => "a"), step.run("b", () => "b")]));
    const next = await step.run("after", () => winner);
    return await step.run("after-that", () => `${next}!`);
  });

  // Others.
  const double = f({ id: "double" }, async ({ event, step }) => step.run("double", () => event.data.n * 2), []);
  const failing = f(
    { id: "failing", retries: 0 },
    async ({ step }) => { await step.run("hopeless", () => { throw new CardError("the child's step fails"); }); },
    [],
  );
  const throwing = f(
    { id: "throwing", retries: 0 },
    async () => { throw new Error("the child fails", { cause: new Error("for a reason") }); },
    [],
  );
  const nothing = f({ id: "nothing" }, async () => {}, []);
  f({ id: "invoke-parallel" }, async ({ step }) => {
    const [a, b] = await Promise.all([
      step.invoke("one", { function: double, data: { n: 1 } }),
      step.invoke("two", { function: double, data: { n: 2 } }),
    ]);
    return await step.run("sum", () => a + b);
  });
  f({ id: "invoke-failing" }, async ({ step }) => {
    const first = await caught(step.invoke("failing", { function: failing, data: {} }));
    const second = await caught(step.invoke("throwing", { function: throwing, data: {} }));
    return await step.run("report", () => [first, second]);
  });
  f({ id: "invoke-uncaught" }, async ({ step }) => {
    await step.invoke("throwing", { function: throwing, data: {} });
  });
  f({ id: "invoke-nothing" }, async ({ step }) => {
    const nothingness = await step.invoke("nothing", { function: nothing, data: {} });
    return await step.run("report", () => nothingness === null);
  });
  f({ id: "sends-many" }, async ({ step }) => {
    await step.sendEvent("one", { name: "rec/out.sends-many", data: { a: "é" } });
    await step.sendEvent("three", [1, 2, 3].map((i) => ({ name: "rec/out.sends-many", data: { i } })));
    await step.run("after", () => "sent");
  });

  // Events and configurations.
  f({ id: "batch-parallel", batchEvents: { maxSize: 2, timeout: "5s" } }, async ({ events, step }) => {
    const doubled = await Promise.all(events.map((event) => step.run("double", () => event.data.i * 2)));
    return await step.run("sum", () => doubled.reduce((a, b) => a + b));
  }, [{ data: { i: 1 } }, { data: { i: 2 }, at: 300 }]);
  f(
    { id: "edited" },
    async ({ step }) => {
      const isNew = count("edited") > 2;
      const a = await step.run("a", () => 1);
      if (isNew) await step.run("added", () => "new");
      await step.sleep("nap", "1s");
      return await step.run(isNew ? "renamed" : "b", () => a + 1);
    },
  );
  f({ id: "triggers", triggers: [{ event: "rec/triggers" }, { event: "rec/triggers.other", if: "event.data.n > 1" }, { cron: "TZ=Europe/Paris 0 12 * * 5" }] },
    async ({ step }) => step.run("one", () => "triggered"),
    [{ data: {} }, { event: "rec/triggers.other", data: { n: 1 } }, { event: "rec/triggers.other", data: { n: 2 }, at: 1500 }]);
  f({ id: "minutely", triggers: [{ cron: "* * * * *" }] }, async ({ event, step }) => step.run("tick", () => event.name), []);
  f({ id: "cron", triggers: [{ cron: "0 3 1 1 *" }] }, async () => "a new year", []);
  f({
    id: "limits", name: "Limits of all kinds", retries: 0,
    concurrency: [{ limit: 1, key: "event.data.customer", scope: "env" }, { limit: 3, scope: "fn" }],
    rateLimit: { limit: 5, period: "1h", key: "event.data.customer" },
    debounce: { period: "1s", key: "event.data.customer", timeout: "10s" },
    cancelOn: [{ event: "rec/limits.cancel", if: "async.data.customer == event.data.customer", timeout: "1h" }, { event: "rec/limits.cancel-all" }],
    singleton: { key: "event.data.customer", mode: "skip" },
  }, async ({ step }) => step.run("one", () => 1), [{ data: { customer: "c" } }]);
  f({ id: "singleton-cancels", singleton: { mode: "cancel" }, timeouts: { finish: "30s" } }, async ({ step }) => step.run("one", () => 1));
  f({ id: "batch-keyed", batchEvents: { maxSize: 10, timeout: "1s", key: "event.data.customer" }, throttle: { limit: 1, period: "5s" } },
    async ({ events, step }) => step.run("count", () => events.length), [{ data: { customer: "c" } }]);

  // What a function may return.
  f({ id: "returns-text" }, async () => "é \"text\"");
  f({ id: "returns-list" }, async ({ step }) => [await step.run("one", () => 1), null, { a: [] }]);
  f({ id: "returns-number" }, async () => 1.5);
  f({ id: "returns-nothing" }, async ({ step }) => { await step.run("one", () => {}); });

  return { functions, play };
}
