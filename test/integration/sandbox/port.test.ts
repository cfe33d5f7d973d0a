import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMirror } from "../../../sandbox/index.ts";

let state: string;
let server: Server;
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "birdhouse-port-"));
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await rm(state, { recursive: true });
});

/** Opens a sandbox on a port where somebody listens, and gives what it said until it failed. */
async function openBeside(answer: string | undefined): Promise<{ notes: string[]; error: unknown }> {
  server = createServer((_, response) => {
    if (answer === undefined) response.writeHead(404);
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const mirrorPort = typeof address === "object" && address ? address.port : 0;
  const notes: string[] = [];
  // Whatever is begun is ended at the first word of it.
  const begun = new AbortController();
  const note = (text: string) => {
    notes.push(text);
    begun.abort(new Error(`it began: ${text}`));
  };
  const options = { state, registry: "127.0.0.1:1", mirrorPort, languages: "", note, signal: begun.signal };
  const error = await openMirror(options).catch((thrown: unknown) => thrown);
  return { notes, error };
}

describe("a sandbox whose port somebody else has", () => {
  it.each([
    ["shows nothing of the kind", undefined],
    ["answers everything with a page", "<html>hello</html>\n"],
  ])("says so before it makes anything, where that one %s", async (_, answer) => {
    const { notes, error } = await openBeside(answer);
    expect(error).toMatchObject({
      name: "UserError",
      message: expect.stringMatching(
        /^the sandbox's mirror cannot be served on 127\.0\.0\.1:\d+: something else listens there$/,
      ),
      hint: "stop it, or choose another port with --mirror-port",
    });
    expect(notes).toEqual([]);
    expect(await readdir(state, { recursive: true })).not.toContain("sandbox/mirror.new");
  });

  it("makes its own first where that one is a mirror too, since it may be the same", async () => {
    const { notes, error } = await openBeside(`${"0".repeat(64)} lua node ruby@3.21\n`);
    expect(String(error)).toContain("it began:");
    expect(notes).not.toEqual([]);
  });
});
