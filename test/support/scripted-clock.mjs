/**
 * Loaded into a process before all else (`node --import`), it makes `Date` start at the moment that
 * `BIRDHOUSE_TEST_NOW` names, and go on from there: so a night of a test can be any night. Only what asks for
 * the time of day is concerned; timers run as they do.
 */
const System = Date;
const start = System.parse(process.env.BIRDHOUSE_TEST_NOW ?? "");
if (Number.isNaN(start)) throw new Error("BIRDHOUSE_TEST_NOW is no moment in time");
const ahead = start - System.now();
const now = () => System.now() + ahead;

globalThis.Date = new Proxy(System, {
  construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self),
  apply: () => new System(now()).toString(),
  get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
});
