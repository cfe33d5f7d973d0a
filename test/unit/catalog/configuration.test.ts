import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadCatalog, parseCatalog } from "../../../scripts/catalog/load.ts";
import type { Target } from "../../../scripts/model/target.ts";
import { catalogFolder, mistakesInFiles } from "./catalog-folder.ts";
import { brokenCatalog, expectMistake, GOOD_CATALOG, type Mistake, targetsByName } from "./good-catalog.ts";

/** The good catalog with this in the runtime of its image node, from the 25th line on. */
function withRuntime(yaml: string): string {
  return brokenCatalog(["      cmd: [node]\n", yaml]);
}

function runtimeOf(yaml: string): Target | undefined {
  return targetsByName(parseCatalog("catalog.yaml", withRuntime(yaml))).get("node:22");
}

describe("how an image is to be run", () => {
  test("is as the catalog says, with placeholders filled in", () => {
    const target = runtimeOf(`      user: app:1000
      labels: { com.example.track: "{{version}}", com.example.team: a }
      expose: [8080, 53/udp, 8080]
      volumes: [/data, "/var/lib/{{version}}"]
      stopsignal: SIGQUIT
      healthcheck: { test: [node, "/{{version}}.js"], interval: 10s, retries: 5 }
`);
    expect(target).toMatchObject({
      user: { name: "app", uid: 1000, gid: 1000 },
      labels: { "com.example.track": "22", "com.example.team": "a" },
      expose: ["8080", "53/udp"],
      volumes: ["/data", "/var/lib/22"],
      stopsignal: "SIGQUIT",
      healthcheck: { test: ["node", "/22.js"], interval: "10s", retries: 5 },
    });
  });

  test.each([
    ["root", { name: "root", uid: 0, gid: 0 }],
    ["nonroot", { name: "nonroot", uid: 65532, gid: 65532 }],
    ["app:1000:2000", { name: "app", uid: 1000, gid: 2000 }],
  ])("user: %s", (text, user) => {
    expect(runtimeOf(`      user: ${text}\n`)?.user).toEqual(user);
  });

  test("is nonroot in runtime and root in dev where nothing is said", () => {
    const targets = targetsByName(parseCatalog("catalog.yaml", GOOD_CATALOG));
    expect(targets.get("node:22")?.user.name).toBe("nonroot");
    expect(targets.get("node:22-dev")?.user.name).toBe("root");
  });

  test.each<Mistake>([
    [
      "cmd: [node]",
      "user: app",
      '25:13: user: expected root, nonroot, or a user to make, with its number, as "app:1000" or "app:1000:2000" (user, then group), found "app" (the number is missing)',
    ],
    [
      "cmd: [node]",
      "user: 1000",
      '25:13: user: expected root, nonroot, or a user to make, with its number, as "app:1000" or "app:1000:2000" (user, then group), found "1000" (a name comes first: a program may ask whose number it is)',
    ],
    [
      "cmd: [node]",
      "user: nobody:1000",
      '25:13: user: expected root, nonroot, or a user to make, with its number, as "app:1000" or "app:1000:2000" (user, then group), found "nobody:1000" (Alpine has a user of this name; choose another)',
    ],
    [
      "cmd: [node]",
      "expose: [0, 65536, 80:80]",
      '25:16: expose[0]: expected a port from 1 to 65535 such as 8080, or with its protocol: 53/udp, found "0"',
      '25:19: expose[1]: expected a port from 1 to 65535 such as 8080, or with its protocol: 53/udp, found "65536"',
      '25:26: expose[2]: expected a port from 1 to 65535 such as 8080, or with its protocol: 53/udp, found "80:80" (which port of a machine it gets is said when a container is started)',
    ],
    [
      "cmd: [node]",
      "volumes: [data, /var/run/app, /dev/app, /]",
      '25:17: volumes[0]: expected an absolute path such as "/opt/app", found "data"',
      '25:23: volumes[1]: expected an absolute path such as "/opt/app", found "/var/run/app" (this is a link to /run)',
      '25:37: volumes[2]: expected an absolute path such as "/opt/app", found "/dev/app" (a container has something of its own there)',
      '25:47: volumes[3]: expected an absolute path such as "/opt/app", found "/"',
    ],
    [
      "cmd: [node]",
      "stopsignal: SIGQIUT",
      '25:19: stopsignal: expected SIGTERM or SIGINT or SIGQUIT or SIGHUP or SIGUSR1 or SIGUSR2 or SIGWINCH or SIGRTMIN+3, found "SIGQIUT"; did you mean "SIGQUIT"?',
    ],
    [
      "cmd: [node]",
      "labels: { birdhouse.x: a, com.example: 1 }",
      '25:17: birdhouse.x: expected the name of a label such as "com.example.team": letters and digits, with single dots, dashes, slashes or underscores between them, found "birdhouse.x" (labels that begin with birdhouse. are kept for Birdhouse)',
      '25:46: com.example: expected a string, found the number 1 (write it as "1")',
    ],
    [
      "cmd: [node]",
      "healthcheck: { interval: 30, retries: 0 }",
      "25:7: healthcheck: test is missing",
      '25:32: interval: expected a time such as "30s", found "30" (the unit is missing: ms, s, m or h)',
      "25:45: retries: expected at least 1, found 0",
    ],
    [
      "cmd: [node]",
      'files: { /a: {}, b: { text: "" }, /c: { text: "", mode: 755 } }',
      "25:20: /a: expected either from or text",
      '25:24: b: expected an absolute path such as "/opt/app", found "b"',
      '25:63: mode: expected permissions such as "0644" or "0755", found "755" (with a 0 before it)',
    ],
  ])("%j → %j", expectMistake);
});

describe("the files of an image", () => {
  const OWN = `extends: ../birdhouse/catalog.yaml
images:
  web:
    extends: node
    runtime:
      files:
        /etc/b: { from: b.txt }
        "/etc/{{version}}": { text: "it's {{version}}\\n", mode: "0755", owner: user }
`;
  const PARENT = withRuntime("      files: { /etc/a: { from: files/a.txt }, /etc/b: { text: parent } }\n");

  test("are found beside the catalog that names them, and the own one wins", async () => {
    const folder = await catalogFolder({
      "own/catalog.yaml": OWN,
      "own/b.txt": "own\n",
      "birdhouse/catalog.yaml": PARENT,
      "birdhouse/files/a.txt": "one\n\ntwo\n",
    });
    const { targets } = await loadCatalog(join(folder, "own/catalog.yaml"));
    const [web] = targets.filter(({ name }) => name === "web:22");
    expect(web?.files).toEqual({
      "/etc/a": { ...file(["one", "", "two"]), isRead: true },
      "/etc/b": { ...file(["own"]), isRead: true },
      "/etc/22": { ...file(["it's {{version}}"]), mode: "0755", owner: "user" },
    });
  });

  test("that hold more than lines of text, or what a Dockerfile's parser takes for its own, are kept as bytes", async () => {
    const texts = ["no end", "a\rb\n", "cat <<EOF\n", "\u0000\n", "x\n".repeat(20_000), ""];
    const files = texts.map((text, index) => [`${index}`, text] as const);
    const names = files.map(([name]) => `/${name}: { from: "${name}" }`).join(", ");
    const folder = await catalogFolder({
      "catalog.yaml": withRuntime(`      files: { ${names} }\n`),
      ...Object.fromEntries(files),
    });
    const { targets } = await loadCatalog(join(folder, "catalog.yaml"));
    const contents = Object.values(targets[0]?.files ?? {}).map(({ content }) => content);
    const bytes = files.map(([, text]) => ({ base64: Buffer.from(text).toString("base64") }));
    expect(contents).toMatchObject([...bytes.slice(0, -1), { lines: [] }]);
  });

  test("that are not there, are folders, too large or secret are told of, each at its place", async () => {
    const key = "-----BEGIN RSA PRIVATE KEY-----\n";
    const said = await mistakesInFiles({
      "catalog.yaml": withRuntime(
        `      files: { /a: { from: gone }, /b: { from: files }, /c: { from: files/big },\n` +
          `        /d: { from: files/key.pem }, /e: { text: "${key.trim()}\\n" } }\n`,
      ),
      "files/big": "x".repeat(65537),
      "files/key.pem": `hello\n${key}`,
    });
    const secret =
      "this is a private key, and everyone who can pull an image can read it; mount it when a container is started";
    expect(said).toEqual([
      "catalog.yaml:25:28: from: there is no such file: gone",
      "catalog.yaml:25:48: from: files is a folder, expected a file",
      "catalog.yaml:25:69: from: 65537 bytes, expected at most 65536; what is larger belongs into a package",
      `catalog.yaml:26:21: from: ${secret}`,
      `catalog.yaml:26:50: text: ${secret}`,
    ]);
  });

  test("that the extended catalog lacks are told of in that one", async () => {
    const said = await mistakesInFiles({
      "own/catalog.yaml": OWN,
      "own/b.txt": "",
      "birdhouse/catalog.yaml": PARENT,
    });
    expect(said).toEqual([
      "birdhouse/catalog.yaml:25:32: from: there is no such file: birdhouse/files/a.txt",
    ]);
  });
});

function file(lines: readonly string[]) {
  const digest = expect.stringMatching(/^[0-9a-f]{12}$/);
  return { content: { digest, lines }, mode: "0644", owner: "root" };
}
