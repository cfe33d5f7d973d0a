import { describe, expect, it } from "vitest";
import { historyOf } from "../../../../scripts/formats/oci/history.ts";

/** A step as an engine notes it; `-` before those without a layer. */
function steps(...texts: readonly string[]) {
  return texts.map((text) =>
    text.startsWith("-") ? { created_by: text.slice(1), empty_layer: true } : { created_by: text },
  );
}

const COPY = "/bin/sh -c #(nop) COPY dir:c6d12922 in / ";
const USER = "/bin/sh -c #(nop) USER 65532:65532";
const ENV = "/bin/sh -c #(nop) ENV A=1";
const BUILDKIT = "COPY /rootfs / # buildkit";
const RUN = "|1 MIRROR=http://x /bin/sh -c apk add lua";

describe("historyOf", () => {
  it.each([
    ["copied files, where buildah notes them at USER", [`-${COPY}`, USER], [COPY, `-${USER}`]],
    ["what was run last", [`-${COPY}`, `-${RUN}`, `-${ENV}`, USER], [`-${COPY}`, RUN, `-${ENV}`, `-${USER}`]],
    ["nothing, where each step has its own", [COPY, RUN, `-${USER}`], [COPY, RUN, `-${USER}`]],
    ["nothing, where BuildKit did", [BUILDKIT, "-USER 65532"], [BUILDKIT, "-USER 65532"]],
    ["nothing, where no step makes files", [USER], [USER]],
  ])("credits %s", (_, noted, told) => {
    expect(historyOf({ history: steps(...noted) })).toEqual(steps(...told));
  });

  it("leaves out the engine's remarks", () => {
    const history = [{ created_by: RUN, comment: "FROM docker.io/library/abc-tmp:latest" }];
    expect(historyOf({ history })).toEqual([{ created_by: RUN }]);
    expect(historyOf({})).toBeUndefined();
  });
});
