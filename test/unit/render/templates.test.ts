import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../scripts/app/paths.ts";
import { parseCatalog } from "../../../scripts/catalog/load.ts";
import { KNOWN_USERS } from "../../../scripts/model/configuration.ts";
import { inputsOf } from "../../../scripts/model/inputs.ts";
import type { Catalog, Target } from "../../../scripts/model/target.ts";
import { renderCatalog } from "../../../scripts/render/files.ts";
import { loadTemplates } from "../../../scripts/render/templates.ts";
import { sampleCatalog, sampleTarget } from "../../support/sample-target.ts";

const template = await loadTemplates(TEMPLATES);

function render(changes: Partial<Target>): string {
  return template(sampleTarget(changes), sampleCatalog());
}

/** The lines of a Dockerfile that begin with this instruction. */
function instructions(dockerfile: string, instruction: string): string[] {
  return dockerfile.split("\n").filter((line) => line.startsWith(`${instruction} `));
}

/** A target that says how it is to be run, and has files of its own. */
const OWN: Partial<Target> = {
  user: { name: "app", uid: 1000, gid: 2000 },
  labels: { "com.example.team": 'a "b" $5' },
  expose: ["8080", "53/udp"],
  volumes: ["/data", "/var/lib/app"],
  stopsignal: "SIGQUIT",
  healthcheck: {
    test: ["node", "/health.js"],
    interval: "10s",
    timeout: "2s",
    startPeriod: "1m",
    retries: 5,
  },
  files: {
    "/etc/app/app.conf": {
      content: { digest: "0123456789ab", lines: ['# it\'s a "test"', "", "a = $HOME \\"] },
      mode: "0644",
      owner: "root",
    },
    "/opt/blob": { content: { digest: "ba9876543210", base64: "AAEC" }, mode: "0600", owner: "user" },
  },
};

/** A target that sets all there is to set. */
const FULL: Partial<Target> = {
  world: ["!pyc", "git", "nodejs~22", "so:libz.so.1"],
  env: { NODE_ENV: "production", PRICE: 'a "b" $5 \\ c' },
  entrypoint: ["/usr/bin/node", "--title=a b"],
  cmd: ["index.js"],
  workdir: "/app",
  shell: true,
  links: { "/usr/bin/js": "node", "/usr/local/bin/nodejs": "../../bin/node" },
  endOfLife: "2027-04-30",
  remove: ["/usr/share/man", "/usr/lib/node_modules/*.md"],
  jlink: ["java.base", "java.logging"],
  truststore: true,
};

/**
 * Whole Dockerfiles, to be read. When the templates change, write them anew and look at what differs:
 * `npx vitest run --project unit test/unit/render -u`.
 */
describe("golden Dockerfiles", () => {
  it.each([
    ["runtime", { variant: "runtime" }],
    ["dev", { variant: "dev" }],
    ["full-runtime", { ...FULL, variant: "runtime" }],
    ["full-dev", { ...FULL, variant: "dev" }],
    ["own-runtime", { ...OWN, variant: "runtime" }],
    ["own-dev", { ...OWN, variant: "dev" }],
  ] satisfies [string, Partial<Target>][])("%s", async (name, changes) => {
    await expect(render(changes)).toMatchFileSnapshot(`golden/${name}.Dockerfile`);
  });
});

describe("a mirror that asks who we are (R12)", () => {
  const sources = { ...sampleCatalog().sources, auth: true };
  const asked = (changes: Partial<Target>) =>
    template(sampleTarget(changes), { ...sampleCatalog(), sources }).split("\n");

  it.each(["runtime", "dev"] as const)(
    "is told by a secret in each step of %s that runs apk, and in no other",
    (variant) => {
      const lines = asked({ ...FULL, variant });
      const steps = lines
        .join("\n")
        .split(/^(?=RUN )/m)
        .slice(1);
      expect(steps.length).toBeGreaterThan(1);
      for (const step of steps) {
        const runsApk = /\bapk (?:add|upgrade)\b/.test(step);
        expect(step.includes("--mount=type=secret,id=http-auth"), step).toBe(runsApk);
        expect(step.startsWith("RUN --mount"), step).toBe(runsApk);
      }
      // Without it, the very same but for these.
      const rest = lines
        .join("\n")
        .replaceAll(/--mount=type=secret,id=http-auth export HTTP_AUTH="[^"]*" \\\n && /g, "");
      expect(rest).toBe(render({ ...FULL, variant }));
    },
  );
});

describe("repositories of the catalog's own", () => {
  const keys = { "own.rsa.pub": { digest: "0123456789ab", lines: ["-----BEGIN", "AAAA", "END-----"] } };
  const own = { name: "own", url: "https://own.example/v{{branch}}", auth: false, keys };
  const withOwn = (changes: Partial<Target>, repositories: Catalog["repositories"] = [own]) =>
    template(sampleTarget(changes), { ...sampleCatalog(), repositories });

  it.each(["runtime", "dev"] as const)("are told to apk in %s, with their keys", (variant) => {
    const text = withOwn({ variant });
    const root = variant === "runtime" ? "/rootfs" : "";
    expect(text).toContain(
      `"$MIRROR/v3.22/community" 'https://own.example/v3.22' > ${root}/etc/apk/repositories`,
    );
    const [before = ""] = text.split("apk add");
    expect(before).toContain(
      "RUN mkdir -p /etc/apk/keys \\\n && printf '%s\\n' \\\n      '-----BEGIN' \\\n      'AAAA' \\\n      'END-----' \\\n      > /etc/apk/keys/own.rsa.pub\n",
    );
    expect(text).not.toContain("HTTP_AUTH");
  });

  it("are left out on the branches that they are not for", () => {
    expect(withOwn({}, [{ ...own, branches: ["3.21"] }])).toBe(render({}));
  });

  it("that ask who we are, are told by the secret", () => {
    const text = withOwn({}, [{ ...own, auth: true }]);
    expect(text).toContain("RUN --mount=type=secret,id=http-auth export HTTP_AUTH=");
    expect(withOwn({}, [{ ...own, auth: true, branches: ["3.21"] }])).not.toContain("HTTP_AUTH");
  });

  it("are an input, with their keys", () => {
    const inputs = (repositories: Catalog["repositories"], branches: Catalog["branches"] = {}) =>
      inputsOf(sampleTarget(), { ...sampleCatalog(), branches, ...(repositories && { repositories }) }, "")
        .repositories;
    expect(inputs([own])).toEqual(["https://own.example/v3.22", "own.rsa.pub 0123456789ab"]);
    expect(inputs([own], { "3.22": { eol: "2027-05-01", repositories: ["main"] } })).toEqual([
      "main",
      "https://own.example/v3.22",
      "own.rsa.pub 0123456789ab",
    ]);
    expect(inputs([])).toBeUndefined();
  });
});

describe("certificates of the catalog's own", () => {
  const lines = ["-----BEGIN CERTIFICATE-----", "AAAA", "BBBB", "-----END CERTIFICATE-----"];
  const certificates = [
    {
      fileName: "root.crt",
      content: { digest: "0123456789ab", lines },
      subjects: ["Root, until 2035-01-01"],
    },
  ];
  const trusting = (changes: Partial<Target>) =>
    template(sampleTarget(changes), { ...sampleCatalog(), certificates });

  it.each(["runtime", "dev"] as const)(
    "are there before apk is run, and in the image of %s",
    async (variant) => {
      const text = trusting({ variant });
      await expect(text).toMatchFileSnapshot(`golden/trusting-${variant}.Dockerfile`);
      expect(text.indexOf("> /etc/apk/ca.pem")).toBeLessThan(text.indexOf("apk add"));
      expect(text.indexOf("> /etc/apk/ca.pem")).toBeGreaterThan(0);
    },
  );

  it("are in Java's key store too", () => {
    const text = trusting({ truststore: true });
    const [before = ""] = text.split(" && mkdir -p /rootfs/etc/ssl/certs/java");
    expect(before).toContain(
      "|| cat /usr/local/share/ca-certificates/root.crt >> /etc/ssl/certs/ca-certificates.crt",
    );
  });

  it("are an input, by name and content", () => {
    const inputs = (catalog: Catalog) => inputsOf(sampleTarget(), catalog, "");
    expect(inputs({ ...sampleCatalog(), certificates }).certificates).toEqual(["root.crt 0123456789ab"]);
    expect(Object.keys(inputs(sampleCatalog()))).not.toContain("certificates");
  });
});

describe("a Dockerfile", () => {
  it.each(["runtime", "dev"] as const)(
    "of %s has the repositories that the catalog says of its branch",
    (variant) => {
      const target = sampleTarget({ variant });
      const of = (branches: Catalog["branches"]) => template(target, { ...sampleCatalog(), branches });
      const both = of({});
      expect(both).toContain(
        'printf \'%s\\n\' "$MIRROR/v3.22/main" "$MIRROR/v3.22/community" > ' +
          `${variant === "runtime" ? "/rootfs" : ""}/etc/apk/repositories`,
      );
      expect(of({ "3.22": { eol: "2027-05-01" } })).toBe(both);
      const main = of({ "3.22": { eol: "2027-05-01", repositories: ["main"] } });
      expect(main).toContain("printf '%s\\n' \"$MIRROR/v3.22/main\" > ");
      expect(main).not.toContain("community");
      expect(of({ "3.21": { eol: "2026-11-01", repositories: ["main"] } })).toBe(both);
    },
  );

  it.each(["runtime", "dev"] as const)("of %s quotes what the shell would read otherwise", (variant) => {
    const text = render({
      variant,
      world: ["!pyc", "a>1", "nodejs~22", "so:libz.so.1=1.3", "x=1.2-r0", "libstdc++"],
    });
    expect(text).toContain("'!pyc' 'a>1' nodejs~22 'so:libz.so.1=1.3' x=1.2-r0 libstdc++");
  });

  it.each([
    ["production", '"production"'],
    ["", '""'],
    ['say "hi"', '"say \\"hi\\""'],
    ["$HOME, $(id)", '"\\$HOME, \\$(id)"'],
    ["C:\\new", '"C:\\\\new"'],
    ["<&'>", '"<&\'>"'],
  ])("keeps the value %j of a variable as it is", (value, quoted) => {
    for (const variant of ["runtime", "dev"] as const) {
      expect(instructions(render({ variant, env: { NAME: value } }), "ENV")).toContain(`ENV NAME=${quoted}`);
    }
  });

  it("makes links in the root file system of its variant", () => {
    const links = { "/usr/bin/lua": "lua5.4" };
    expect(render({ variant: "runtime", links })).toContain(
      "\n && mkdir -p ./usr/bin && ln -sfn lua5.4 ./usr/bin/lua \\\n",
    );
    // In the step that installs what they lead to: one layer.
    expect(render({ variant: "dev", links })).toContain("\n && ln -sfn lua5.4 /usr/bin/lua \\\n");
    const alone = { variant: "dev", links, world: [], shared: [] } as const;
    expect(instructions(render(alone), "RUN")).toContain("RUN ln -sfn lua5.4 /usr/bin/lua");
  });

  it("of runtime has a shell's tools only where the catalog asks for a shell", () => {
    expect(render({ shell: true })).toContain("busybox --list-full");
    expect(render({ shell: false })).not.toContain("busybox --list-full");
  });

  it("of runtime begins from nothing, brings one layer, and ends as nonroot", () => {
    const text = render({ variant: "runtime" });
    const last = text.slice(text.indexOf("FROM scratch"));
    expect(
      last
        .split("\n")
        .map((line) => line.split(" ")[0])
        .filter(Boolean),
    ).toEqual(["FROM", "COPY", "ENV", "WORKDIR", "USER"]);
    expect(last).toMatch(/^FROM scratch AS image\n/);
    expect(last).toMatch(/\nUSER 65532:65532\n$/);
  });

  it.each([
    ["root", "0:0", ""],
    ["nonroot", "65532:65532", "65532:65532"],
  ] as const)("of a user %s that is there makes none", (name, runtime, dev) => {
    const ends = (variant: Target["variant"]) => {
      const text = render({ variant, user: KNOWN_USERS[name] });
      expect(text.match(/>> \S*etc\/shadow/g)).toHaveLength(1);
      return instructions(text, "USER");
    };
    expect(ends("runtime")).toEqual([`USER ${runtime}`]);
    expect(ends("dev")).toEqual(dev === "" ? [] : [`USER ${dev}`]);
  });

  it("of runtime makes a directory to work in for the image's user", () => {
    const user = { name: "app", uid: 1000, gid: 2000 };
    expect(render({ user, workdir: "/work" })).toContain(
      "[ -d ./work ] || { mkdir -p ./work && chown 1000:2000 ./work; }",
    );
    expect(render({ workdir: "/work" })).toContain("mkdir -p ./work && chown 65532:65532 ./work");
  });

  it("of dev installs nothing twice, and has no empty step", () => {
    const tools = sampleTarget({ variant: "dev" }).shared;
    const text = render({ variant: "dev", world: [...tools] });
    expect(text.match(/apk add/g)).toHaveLength(1);
    const more = render({ variant: "dev", world: [...tools, "npm"] });
    expect(more).toContain("RUN apk add --no-cache npm \\\n && rm -f /var/log/apk.log\n");
  });

  it("sets no entry point or command in runtime that the catalog does not", () => {
    const text = render({ variant: "runtime" });
    expect(["ENTRYPOINT", "CMD"].flatMap((name) => instructions(text, name))).toEqual([]);
  });

  it("of runtime works in its user's home unless the catalog says otherwise, and may write there", () => {
    const text = render({ variant: "runtime" });
    expect(instructions(text, "WORKDIR")).toEqual(["WORKDIR /home/nonroot"]);
    expect(text).toContain("mkdir -p home/nonroot \\\n && chown 65532:65532 home/nonroot");
    const other = render({ variant: "runtime", workdir: "/app" });
    expect(instructions(other, "WORKDIR")).toEqual(["WORKDIR /app"]);
    expect(other).toContain("([ -d ./app ] || { mkdir -p ./app && chown 65532:65532 ./app; })");
  });

  it("of dev works in /usr/src/app unless the catalog says otherwise", () => {
    expect(instructions(render({ variant: "dev" }), "WORKDIR")).toEqual(["WORKDIR /usr/src/app"]);
    expect(instructions(render({ variant: "dev", workdir: "/go" }), "WORKDIR")).toEqual(["WORKDIR /go"]);
  });
});

describe("the project's own catalog", async () => {
  const text = await readFile("catalog.yaml", "utf8");
  const catalog = parseCatalog("catalog.yaml", text);
  const rendered = renderCatalog(catalog, template);

  it("is rendered to the same bytes each time", async () => {
    const again = renderCatalog(parseCatalog("catalog.yaml", text), await loadTemplates(TEMPLATES));
    expect([...again]).toEqual([...rendered]);
    expect(rendered.size).toBe(catalog.targets.length);
  });

  it("has first steps in the dev images of a branch that build on each other, so that they share the layers", () => {
    const firstSteps = new Map<string, Set<string>>();
    for (const { image, version, variant, branch } of catalog.targets) {
      if (variant !== "dev") continue;
      const dockerfile = rendered.get(join(image, version, "dev", "Dockerfile")) ?? "";
      const [head = "", rest] = dockerfile.split("\nFROM tools AS image\n");
      expect(rest).toBeDefined();
      const steps = firstSteps.get(branch) ?? new Set();
      firstSteps.set(branch, steps.add(head.replace(/^(#.*\n)+/, "")));
    }
    expect(firstSteps.size).toBeGreaterThan(1);
    for (const steps of firstSteps.values()) {
      const shortestFirst = [...steps].sort((one, other) => one.length - other.length);
      expect(shortestFirst.length).toBeLessThanOrEqual(3);
      for (const [at, shorter] of shortestFirst.slice(0, -1).entries()) {
        expect(shortestFirst[at + 1]).toContain(shorter);
      }
    }
  });
});
