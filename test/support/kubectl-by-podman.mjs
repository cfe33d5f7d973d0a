/*
 * A `kubectl` whose cluster is podman on this machine: `podman kube play` runs the very manifest that it is given, with
 * its users, read-only roots, capabilities, volumes and init containers. What a server would say beside that, such as
 * whether there is a namespace and what keeps a Pod from running, is said here, in the form of Kubernetes' API.
 *
 * CLUSTER is a folder: `namespaces` lists those that there are, `calls` what was asked, `pods/` the Pods' manifests.
 * PODMAN is the command line of podman, as JSON. NODES_REGISTRIES is a registries.conf of its own, if any.
 */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const { CLUSTER = "", PODMAN = "[]", NODES_REGISTRIES } = process.env;
const PODS = join(CLUSTER, "pods");
const [podman, ...podmanOptions] = JSON.parse(PODMAN);
const [, namespace = "", verb = "", ...words] = process.argv.slice(2);

mkdirSync(PODS, { recursive: true });
appendFileSync(join(CLUSTER, "calls"), `${[verb, ...words].join(" ").replaceAll("\n", " ")}\n`);

/** @param {readonly string[]} args */
function runPodman(args, stdin = "ignore") {
  return spawnSync(podman, [...podmanOptions, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...(NODES_REGISTRIES && { CONTAINERS_REGISTRIES_CONF: NODES_REGISTRIES }) },
    stdio: [stdin, "pipe", "pipe"],
    maxBuffer: 2 ** 26,
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function create() {
  const manifest = JSON.parse(readFileSync(0, "utf8"));
  const { name } = manifest.metadata;
  const namespaces = readFileSync(join(CLUSTER, "namespaces"), "utf8").split("\n");
  if (!namespaces.includes(namespace)) {
    fail(`Error from server (NotFound): error when creating "STDIN": namespaces "${namespace}" not found`);
  }
  console.log(`pod/${name}`);
  if (words.includes("--dry-run=server")) return;
  const made = {
    ...manifest,
    metadata: { ...manifest.metadata, creationTimestamp: new Date().toISOString() },
  };
  writeFileSync(join(PODS, `${name}.json`), JSON.stringify(made));
  const file = join(CLUSTER, `${name}.yaml`);
  // podman takes no annotation as long as Kubernetes does, and none tells it anything.
  const played = { ...manifest, metadata: { ...manifest.metadata, annotations: {} } };
  writeFileSync(file, JSON.stringify(played));
  const { status, stderr } = runPodman([
    "kube",
    "play",
    "--quiet",
    "--tls-verify=false",
    "--network",
    "none",
    file,
  ]);
  if (status !== 0) writeFileSync(join(PODS, `${name}.error`), stderr);
}

/** The Pod as the API tells of it. */
function podOf(name) {
  const pod = JSON.parse(readFileSync(join(PODS, `${name}.json`), "utf8"));
  const error = join(PODS, `${name}.error`);
  const containers = pod.spec.containers;
  if (existsSync(error)) {
    const state = { waiting: { reason: "ErrImagePull", message: readFileSync(error, "utf8").trim() } };
    const containerStatuses = containers.map(({ name: container, image }) => ({
      name: container,
      image,
      state,
    }));
    return { ...pod, status: { phase: "Pending", containerStatuses } };
  }
  const containerStatuses = containers.map(({ name: container, image }) => {
    const { stdout } = runPodman(["inspect", "--format", "{{json .State}}", `${name}-${container}`]);
    const { Running, ExitCode } = JSON.parse(stdout || "{}");
    const state = Running ? { running: {} } : { terminated: { exitCode: ExitCode ?? 1, reason: "Error" } };
    return { name: container, image, state };
  });
  return { ...pod, status: { phase: "Running", containerStatuses } };
}

function names() {
  return readdirSync(PODS).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
}

function get() {
  const [kind, name = ""] = words;
  if (kind === "pods")
    return console.log(JSON.stringify({ kind: "List", items: names().map((name) => podOf(name)) }));
  if (!names().includes(name)) fail(`Error from server (NotFound): pods "${name}" not found`);
  console.log(JSON.stringify(podOf(name)));
}

function exec() {
  const [name, , container] = words;
  const start = words.indexOf("--");
  const stdin = words.slice(0, start).includes("--stdin") ? ["--interactive"] : [];
  const argv = ["exec", ...stdin, `${name}-${container}`, ...words.slice(start + 1)];
  const { status, stdout, stderr } = runPodman(argv, stdin.length > 0 ? "inherit" : "ignore");
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status === 0) return;
  process.stderr.write(`command terminated with exit code ${status}\n`);
  process.exitCode = status ?? 1;
}

function remove() {
  for (const name of words.slice(1).filter((word) => !word.startsWith("--"))) {
    runPodman(["pod", "rm", "--force", "--time", "0", name]);
    for (const ending of ["json", "error"]) rmSync(join(PODS, `${name}.${ending}`), { force: true });
  }
}

function logs() {
  const [name, , container] = words;
  const { stdout, stderr } = runPodman(["logs", `${name}-${container}`]);
  process.stdout.write(stdout + stderr);
}

const verbs = { create, get, exec, delete: remove, logs };
if (!Object.hasOwn(verbs, verb)) fail(`error: unknown command "${verb}"`);
verbs[verb]();
