import { ChildProcess } from "node:child_process";
import { Server } from "node:net";
import { afterAll } from "vitest";

/*
 * A unit test starts no process and serves no socket: it takes milliseconds, and nothing else that runs on the machine
 * can fail it. One that does either ends here, and belongs into test/integration.
 */
refuse(ChildProcess.prototype, "spawn", "starts a process");
refuse(Server.prototype, "listen", "serves a socket");

function refuse(prototype: object, method: string, what: string): void {
  const original = Object.getOwnPropertyDescriptor(prototype, method);
  if (original === undefined) throw new Error(`Node's ${method} is elsewhere than it was`);
  const value = () => {
    throw new Error(`a unit test that ${what} belongs into test/integration`);
  };
  Object.defineProperty(prototype, method, { ...original, value });
  // The next file of this process may be another project's.
  afterAll(() => {
    Object.defineProperty(prototype, method, original);
  });
}
